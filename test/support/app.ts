import 'reflect-metadata';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { inject } from 'vitest';
import { Clock, type Instant } from '#libs/kernel/clock.js';
import { SystemClock } from '#libs/nest/system.js';
import { AppModule } from '../../src/app.module.js';
import { configureApp, httpAdapter } from '../../src/app.setup.js';
import { Config } from '../../src/config.js';

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
  /** The database to begin with: `empty` (migrated only) or `demo` (the demo clinic). */
  data?: 'empty' | 'demo';
  clock?: Clock;
  env?: NodeJS.ProcessEnv;
  /** Modules beside the application's own. */
  imports?: DynamicModule[];
  /** Wires some adapter differently: how a protection is taken out for a control. */
  wire?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
}

export function fileOf({ database }: Config): string {
  if (database.kind !== 'sqlite') throw new Error('the database is no file');
  return database.file;
}

export interface TestApp {
  app: NestFastifyApplication;
  config: Config;
  close(): Promise<void>;
}

/** The real application, with real guards and a database file of its own. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const folder = mkdtempSync(join(tmpdir(), 'cybermed-app-'));
  copyFileSync(join(inject('templates'), `${options.data ?? 'empty'}.db`), join(folder, 'cybermed.db'));
  const config = Config.parse({
    NODE_ENV: 'test',
    DATA_DIR: folder,
    LOG_LEVEL: 'silent',
    JWT_SECRET: 'x'.repeat(32),
    ...options.env,
  });
  const plain = Test.createTestingModule({
    imports: [AppModule.with(config, options.clock ?? new SystemClock()), ...(options.imports ?? [])],
  });
  const module = await (options.wire?.(plain) ?? plain).compile();
  const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config), {
    logger: ['error', 'fatal'],
    bodyParser: false,
  });
  const close = async (): Promise<void> => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await configureApp(app, config);
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  } catch (error) {
    await close();
    throw error;
  }
  return { app, config, close };
}
