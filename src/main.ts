import 'reflect-metadata';
import { existsSync } from 'node:fs';
import type { INestApplication } from '@nestjs/common';
import { createApp } from './app.setup.js';
import { banner } from './banner.js';
import { Config, ConfigError } from './config.js';
import { faultsOfServer } from './database/database.module.js';
import { fillDemoClinic } from './demo/fill-demo-clinic.js';
import { Users } from './identity/index.js';
import { JobLoop } from './jobs/index.js';
import { shutDown } from './operation/index.js';
import { assertWritable, explainFailure } from './start-failures.js';

async function start(): Promise<void> {
  // What the data folder holds is patients' data: files are the owner's alone.
  process.umask(0o077);
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = await configOf(process.env);
  assertWritable(config);
  const app = await createApp(config);
  endOnSignals(app, config);
  const demo = config.demo ? await fillDemoClinic(config, app.get(Users, { strict: false })) : undefined;
  await app.init();
  // Not by Nest's own listen, which would print a stack before the one line that a taken port deserves.
  const url = await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host });
  app.get(JobLoop, { strict: false }).start();
  console.log(banner(config, url, demo));
}

/** Throws ConfigError, which names every fault that can be found without starting. */
async function configOf(environment: NodeJS.ProcessEnv): Promise<Config> {
  try {
    return Config.parse(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError([...error.faults, ...(await faultsOfServer(environment))]);
  }
}

/** Milliseconds: within these a shell and npm may both hand on one and the same wish. */
const SAME_WISH = 1000;
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/** A first signal ends the server in good order, a second one at once. */
function endOnSignals(app: INestApplication, { drainSeconds }: Config): void {
  let first: number | undefined;
  const end = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (first !== undefined) {
      if (Date.now() - first > SAME_WISH) process.exit(128 + SIGNALS[signal]);
      return;
    }
    first = Date.now();
    // Whoever presses Ctrl+C is no proxy.
    shutDown(app, signal === 'SIGINT' ? 0 : drainSeconds).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

start().catch((error: unknown) => {
  console.error(explainFailure(error));
  process.exit(1);
});
