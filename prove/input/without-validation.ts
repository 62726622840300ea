import 'reflect-metadata';
import type { ArgumentMetadata, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { plainToInstance } from 'class-transformer';
import { StrictValidation } from '#libs/nest/validation.js';
import { AppModule } from '../../src/app.module.js';
import { configureApp, httpAdapter } from '../../src/app.setup.js';
import { Config } from '../../src/config.js';
import { fillDemoClinic } from '../../src/demo/fill-demo-clinic.js';
import { Users } from '../../src/identity/index.js';

/** Bodies and queries as they come, in the shape that routes expect. */
function shaped(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
  return type === 'body' || type === 'query' ? plainToInstance(metatype as Type<object>, value ?? {}) : value;
}

/** The control's program: the product, but that nobody looks at what bodies and queries say. */
const config = Config.parse(process.env);
const module = await Test.createTestingModule({ imports: [AppModule.with(config)] })
  .overrideProvider(StrictValidation)
  .useValue({ transform: async (value: unknown, metadata: ArgumentMetadata) => shaped(value, metadata) })
  .compile();
const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config), {
  logger: false,
  bodyParser: false,
});
await configureApp(app, config);
await fillDemoClinic(config, app.get(Users, { strict: false }));
await app.init();
console.log(await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host }));
