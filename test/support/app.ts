import 'reflect-metadata';
import { rmSync } from 'node:fs';
import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { Clock, type Instant } from '#libs/kernel/clock.js';
import { HTTP_LIMITS, type HttpLimits } from '#libs/nest/http-door.js';
import { SystemClock } from '#libs/nest/system.js';
import { AppModule } from '../../src/app.module.js';
import { configureApp, httpAdapter } from '../../src/app.setup.js';
import { Config } from '../../src/config.js';
import { AUDIT_KEY } from './audit-key.js';
import { newDatabase, type DatabaseKind, type OpenDatabase } from './databases.js';
import { scratchFolder } from './folders.js';
import type { Content } from './templates.js';

/** A clock that a test sets. */
export class FixedClock extends Clock {
  constructor(private instant: Instant) {
    super();
  }

  now(): Instant {
    return this.instant;
  }

  set(instant: Instant): void {
    this.instant = instant;
  }
}

export interface TestAppOptions {
  /** The database to run on; a file unless told. Another application's may be named by `DATABASE_URL` in `env`. */
  database?: DatabaseKind;
  /** What is in it; nothing unless told. */
  data?: Content;
  clock?: Clock;
  /** The product's own unless told. */
  limits?: HttpLimits;
  env?: NodeJS.ProcessEnv;
  /** Modules beside the application's own. */
  imports?: DynamicModule[];
  /** Wires some adapter differently: how a protection is taken out for a control. */
  wire?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
}

export interface TestApp {
  app: NestFastifyApplication;
  config: Config;
  /** What another application on the same database has as its `DATABASE_URL`. */
  url: string;
  close(): Promise<void>;
}

/** The real application, with real guards and a database of its own. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const folder = scratchFolder('app');
  let database: OpenDatabase | undefined;
  let app: NestFastifyApplication | undefined;
  const close = async (): Promise<void> => {
    try {
      await app?.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
      await database?.drop();
    }
  };
  try {
    const shared = options.env?.['DATABASE_URL'];
    if (shared === undefined) database = await newDatabase(options.database ?? 'sqlite', options.data);
    const url = shared ?? database!.url;
    const config = Config.parse({
      NODE_ENV: 'test',
      DATA_DIR: folder,
      LOG_LEVEL: 'silent',
      JWT_SECRET: 'a secret for tests, and no clinic',
      AUDIT_KEY,
      // Crowds of many hundreds, all at once, are what races are tested with.
      MAX_CONCURRENT_REQUESTS: '5000',
      // Each is a process of a server, and tests open hundreds of pools.
      DATABASE_POOL: '5',
      // So do they ask more often than people do.
      ...(options.env?.['NODE_ENV'] !== 'production' && { RATE_LIMITS: 'off' }),
      ...options.env,
      DATABASE_URL: url,
    });
    const plain = Test.createTestingModule({
      imports: [AppModule.with(config, options.clock ?? new SystemClock()), ...(options.imports ?? [])],
    });
    const module = await (options.wire?.(plain) ?? plain).compile();
    app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config, options.limits), {
      logger: ['error', 'fatal'],
      bodyParser: false,
    });
    await configureApp(app, config, options.limits ?? HTTP_LIMITS);
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    return { app, config, url, close };
  } catch (error) {
    await close();
    throw error;
  }
}
