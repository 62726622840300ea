import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { createApp } from './app.setup.js';
import { banner } from './banner.js';
import { Config } from './config.js';
import { fillDemoClinic } from './demo/fill-demo-clinic.js';
import { Users } from './identity/index.js';
import { assertWritable, explainFailure } from './start-failures.js';

async function start(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = Config.parse(process.env);
  assertWritable(config.dataDir);
  const app = await createApp(config);
  const stop = (): void => {
    app.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const demo = config.demo ? await fillDemoClinic(config, app.get(Users, { strict: false })) : undefined;
  await app.listen(config.port, config.host);
  console.log(banner(config, await app.getUrl(), demo));
}

start().catch((error: unknown) => {
  console.error(explainFailure(error));
  process.exit(1);
});
