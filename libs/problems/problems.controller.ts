import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { page } from '#libs/nest/page.js';
import { ProblemCatalogue } from './catalogue.js';

/** The pages that the `type` of a problem points to. */
@ApiExcludeController()
@Controller('problems')
export class ProblemsController {
  constructor(private readonly catalogue: ProblemCatalogue) {}

  @Get(':code')
  @Header('Content-Type', 'text/html; charset=utf-8')
  show(@Param('code') code: string): string {
    const problem = this.catalogue.find(code);
    if (problem === undefined) throw new NotFound('problem');
    const explanation = problem.explanation.replace(/`([^`]+)`/g, '<code>$1</code>');
    return page(
      problem.title,
      `<p>HTTP ${problem.status} · <code>${problem.code}</code></p><p>${explanation}</p><p><a href="/api/docs/">API documentation</a></p>`,
    );
  }
}
