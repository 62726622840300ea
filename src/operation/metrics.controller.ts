import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { NotFound } from '#libs/kernel/errors.js';
import { Config } from '../config.js';
import { Public } from '../identity/index.js';
import { Metrics } from './metrics.js';

@Controller('metrics')
@Public()
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly config: Config,
  ) {}

  @Get()
  @ApiExcludeEndpoint()
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    if (!this.config.metrics) throw new NotFound();
    const { type, body } = await this.metrics.text();
    void reply.header('Content-Type', type).header('Cache-Control', 'no-store');
    return body;
  }
}
