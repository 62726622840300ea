import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { configureApp, httpAdapter } from '../../src/app.setup.js';
import { Config } from '../../src/config.js';
import { LoadShedding } from '../../src/operation/index.js';

/** The control's program: the product, but that it takes in whatever comes. */
const config = Config.parse(process.env);
const module = await Test.createTestingModule({ imports: [AppModule.with(config)] })
  .overrideProvider(LoadShedding)
  .useValue({ inFlight: 0, guard: () => {} })
  .compile();
const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config), {
  logger: ['fatal'],
  bodyParser: false,
});
await configureApp(app, config);
await app.init();
console.log(await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host }));
