import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { configureApp, httpAdapter } from '../../src/app.setup.js';
import { Config } from '../../src/config.js';
import { fillDemoClinic } from '../../src/demo/fill-demo-clinic.js';
import { Users } from '../../src/identity/index.js';

/** Serves as the product does, but for what is wired differently: the program of a control. */
export async function serve(
  wire: (builder: TestingModuleBuilder) => TestingModuleBuilder,
  change: (app: NestFastifyApplication) => void = () => {},
): Promise<void> {
  const config = Config.parse(process.env);
  const module = await wire(Test.createTestingModule({ imports: [AppModule.with(config)] })).compile();
  const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config), {
    logger: ['fatal'],
    bodyParser: false,
  });
  await configureApp(app, config);
  change(app);
  if (config.demo) await fillDemoClinic(config, app.get(Users, { strict: false }));
  await app.init();
  console.log(await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host }));
}
