import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { createApp } from './app.setup.js';
import { banner } from './banner.js';
import { Config } from './config.js';
import { fillDemoClinic } from './demo/fill-demo-clinic.js';
import { Users } from './identity/index.js';
import { JobLoop } from './jobs/index.js';
import { assertWritable, explainFailure } from './start-failures.js';

async function start(): Promise<void> {
  // What the data folder holds is patients' data: files are the owner's alone.
  process.umask(0o077);
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = Config.parse(process.env);
  assertWritable(config);
  const app = await createApp(config);
  const stop = (): void => {
    app
      .get(JobLoop, { strict: false })
      .stop()
      .then(() => app.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const demo = config.demo ? await fillDemoClinic(config, app.get(Users, { strict: false })) : undefined;
  await app.init();
  // Not by Nest's own listen, which would print a stack before the one line that a taken port deserves.
  const url = await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host });
  app.get(JobLoop, { strict: false }).start();
  console.log(banner(config, url, demo));
}

start().catch((error: unknown) => {
  console.error(explainFailure(error));
  process.exit(1);
});
