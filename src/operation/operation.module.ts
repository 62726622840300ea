import { Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Config } from '../config.js';
import { DatabaseHealth } from '../database/database-health.js';
import { DatabaseLoad } from '../database/database-load.js';
import { IdentityModule, TokenBearers } from '../identity/index.js';
import { JobLoop, JobsModule } from '../jobs/index.js';
import { checksOf } from './checks.js';
import { HealthController } from './health.controller.js';
import { HttpClosing } from './http-closing.js';
import { LoadShedding } from './load-shedding.js';
import { LoopDelay } from './loop-delay.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';
import { RequestLimits } from './request-limits.js';
import { connectToRedis } from './shared-counts.js';

@Module({
  imports: [IdentityModule, JobsModule],
  controllers: [HealthController, MetricsController],
  providers: [
    LoopDelay,
    {
      provide: HttpClosing,
      inject: [HttpAdapterHost],
      useFactory: (host: HttpAdapterHost) => new HttpClosing(host),
    },
    {
      provide: Readiness,
      inject: [Config, DatabaseHealth, LoopDelay],
      useFactory: (config: Config, database: DatabaseHealth, loop: LoopDelay) =>
        new Readiness(checksOf(config, database, loop)),
    },
    {
      provide: LoadShedding,
      inject: [Config],
      useFactory: (config: Config) => new LoadShedding(config.maxConcurrentRequests),
    },
    {
      provide: RequestLimits,
      inject: [Config, TokenBearers],
      useFactory: ({ redisUrl, rateLimits }: Config, bearers: TokenBearers) =>
        new RequestLimits(bearers, rateLimits && redisUrl ? connectToRedis(redisUrl) : undefined),
    },
    {
      provide: Metrics,
      inject: [DatabaseLoad, JobLoop, LoadShedding, LoopDelay],
      useFactory: (load: DatabaseLoad, jobs: JobLoop, shedding: LoadShedding, loop: LoopDelay) =>
        new Metrics({ load, jobs, shedding, loop }),
    },
  ],
})
export class OperationModule {}
