import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { configureApp, httpAdapter } from '../../src/app.setup.js';
import { Config } from '../../src/config.js';
import { ForgotPassword } from '../../src/identity/use-cases/forgot-password.js';
import { Letters, Mail, Secrets, Users } from '../../src/identity/ports.js';

/** The control's program: the product, but that it looks the account up and mails while the request waits. */
const config = Config.parse(process.env);
const module = await Test.createTestingModule({ imports: [AppModule.with(config)] })
  .overrideProvider(ForgotPassword)
  .useFactory({
    inject: [Users, Secrets, Letters, Mail],
    factory: (users: Users, secrets: Secrets, letters: Letters, mail: Mail) => ({
      async execute(email: string) {
        const user = await users.findByEmail(email);
        if (user) await mail.send(letters.reset(user, secrets.next().token));
      },
    }),
  })
  .compile();
const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config), {
  logger: ['error', 'fatal'],
  bodyParser: false,
});
await configureApp(app, config);
await app.init();
console.log(await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host }));
