import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Logger } from '@nestjs/common';
import { openWriter, writerOptions } from '../../src/database/data-source.js';
import { unsafeDurability } from '../../src/database/servers.js';
import { explainFailure } from '../../src/start-failures.js';
import { startApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { newDatabase, onEachServer, type ServerKind } from '../support/databases.js';
import { ownMySql, ownPostgres, type OwnServer } from '../support/servers.js';

const PRODUCTION = { NODE_ENV: 'production', LOG_LEVEL: 'silent' };

/** What the application warns of while it starts. */
async function warningsAt(start: () => Promise<unknown>): Promise<string[]> {
  const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
  try {
    await start();
    return warn.mock.calls.map(([line]) => String(line));
  } finally {
    warn.mockRestore();
  }
}
