import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { configureApp, httpAdapter } from '../../src/app.setup.js';
import { Config } from '../../src/config.js';
import { Argon2PasswordHasher } from '../../src/identity/adapters/argon2-password-hasher.js';
import { PasswordHasher } from '../../src/identity/ports.js';

class HashesKnownOnly extends Argon2PasswordHasher {
  override async verify(stored: string | undefined, password: string): Promise<boolean> {
    return stored !== undefined && super.verify(stored, password);
  }
}

/** The control's program: the product, but that it hashes no password for an email without an account. */
const config = Config.parse(process.env);
const module = await Test.createTestingModule({ imports: [AppModule.with(config)] })
  .overrideProvider(PasswordHasher)
  .useValue(new HashesKnownOnly())
  .compile();
const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config), {
  logger: ['error', 'fatal'],
  bodyParser: false,
});
await configureApp(app, config);
await app.init();
console.log(await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host }));
