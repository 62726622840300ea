import { existsSync } from 'node:fs';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { hasAuditKey } from '../audit/index.js';
import type { Config } from '../config.js';
import { Refused } from './refused.js';

/** The application without its door, on what a server has made. */
export async function withApplication(
  config: Config,
  work: (app: INestApplicationContext) => Promise<void>,
): Promise<void> {
  assertInstalled(config);
  const app = await NestFactory.createApplicationContext(AppModule.with(config), {
    logger: ['fatal'],
    abortOnError: false,
  });
  try {
    await work(app);
  } finally {
    await app.close();
  }
}

/**
 * Throws Refused where there is no database or no audit key. A command that made them would work beside the clinic
 * when it was only given other settings, and the trail would look broken ever after.
 */
export function assertInstalled(config: Config): void {
  const { database, dataDir } = config;
  if (database.kind === 'sqlite' && !existsSync(database.file)) {
    throw new Refused(
      `There is no database at ${database.file}. The first start of the server makes it; ` +
        'if it is elsewhere, set DATA_DIR or DATABASE_URL as the server has it.',
    );
  }
  if (!hasAuditKey(config)) {
    throw new Refused(
      `There is no AUDIT_KEY, and no file audit-key in ${dataDir}. Set AUDIT_KEY or DATA_DIR as the server has it.`,
    );
  }
}
