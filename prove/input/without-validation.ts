import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { StrictValidation } from '#libs/nest/validation.js';
import { AppModule } from '../../src/app.module.js';
import { configureApp, httpAdapter } from '../../src/app.setup.js';
import { Config } from '../../src/config.js';
import { fillDemoClinic } from '../../src/demo/fill-demo-clinic.js';
import { Users } from '../../src/identity/index.js';

/** The control's program: the product, but that it takes bodies and queries as they come. */
const config = Config.parse(process.env);
const module = await Test.createTestingModule({ imports: [AppModule.with(config)] })
  .overrideProvider(StrictValidation)
  .useValue({ transform: async (value: unknown) => value })
  .compile();
const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config), {
  logger: false,
  bodyParser: false,
});
await configureApp(app, config);
await fillDemoClinic(config, app.get(Users, { strict: false }));
await app.init();
console.log(await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host }));
