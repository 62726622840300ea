import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { configureApp, httpAdapter } from '../../src/app.setup.js';
import { Config } from '../../src/config.js';
import { POLICY_ALONE } from '../../test/races/protections.js';

/** The control's program: the product, but that it looks into the agendas before its unit of work, and locks nothing. */
const config = Config.parse(process.env);
const builder = Test.createTestingModule({ imports: [AppModule.with(config)] });
const module = await POLICY_ALONE.wire(builder).compile();
const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config), {
  logger: ['error', 'fatal'],
  bodyParser: false,
});
await configureApp(app, config);
await app.init();
console.log(await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host }));
