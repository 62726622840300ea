import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { page } from '#libs/nest/page.js';
import { ProblemCatalogue } from '#libs/problems/catalogue.js';
import { Config } from './config.js';
import { Public } from './identity/index.js';

const HTML = 'text/html; charset=utf-8';

/** What belongs to no module: the landing page, and the pages that problems point to. */
@Controller()
@Public()
export class AppController {
  constructor(
    private readonly config: Config,
    private readonly catalogue: ProblemCatalogue,
  ) {}

  @Get()
  @Header('Content-Type', HTML)
  @ApiExcludeEndpoint()
  landing(): string {
    const docs: [string, string][] = [
      ['/api/docs/', 'API documentation, to try out in the browser'],
      ['/api/openapi.json', 'OpenAPI 3.1 document, for clients to be generated from'],
    ];
    const metrics: [string, string][] = [['/metrics', 'Numbers for Prometheus']];
    const mail: [string, string][] = [['/dev/mail/', 'Letters of the demo, which go nowhere else']];
    const links: [string, string][] = [
      ...(this.config.docs ? docs : []),
      ...(this.config.showsMail ? mail : []),
      ['/health/live/', 'Does the process run?'],
      ['/health/ready/', 'Can it serve?'],
      ...(this.config.metrics ? metrics : []),
    ];
    const rows = links.map(
      ([href, what]) => `<tr><td><a href="${href}"><code>${href}</code></a></td><td>${what}</td></tr>`,
    );
    return page(
      'CyberMed',
      `<p>Appointments for doctors and patients: who may see whom, and a time that is never given twice.</p>
<table>${rows.join('\n')}</table>
<p>Errors are problem documents (RFC 9457); each <code>type</code> leads to a page that says what to do.</p>`,
    );
  }

  @Get('problems/:code')
  @Header('Content-Type', HTML)
  @ApiExcludeEndpoint()
  problem(@Param('code') code: string): string {
    const problem = this.catalogue.find(code);
    if (problem === undefined) throw new NotFound('problem');
    const explanation = problem.explanation.replace(/`([^`]+)`/g, '<code>$1</code>');
    return page(
      problem.title,
      `<p>HTTP ${problem.status} · <code>${problem.code}</code></p>
<p>${explanation}</p>
<p><a href="/">CyberMed</a></p>`,
    );
  }
}
