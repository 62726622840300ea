import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { AppModule } from '../../src/app.module.js';
import { configureApp, httpAdapter } from '../../src/app.setup.js';
import { Config } from '../../src/config.js';
import { sessionSchema, TypeOrmSessions } from '../../src/identity/adapters/typeorm-sessions.js';
import type { Session } from '../../src/identity/domain/session.js';
import { Sessions } from '../../src/identity/ports.js';

/** Ends a session as the product does, and never looks whether it has ended. */
class NeverEnded extends TypeOrmSessions {
  constructor(private readonly own: TypeOrmTransactions) {
    super(own);
  }

  override async find(id: string): Promise<Session | undefined> {
    const session = await super.find(id);
    return session && { ...session, endedAt: null };
  }

  override async advance(id: string, counter: number, at: number): Promise<boolean> {
    const next = { counter: counter + 1, refreshedAt: at };
    return (await this.own.manager.update(sessionSchema, { id, counter }, next)).affected === 1;
  }
}

/** The control's program: the product, but that it does not look whether a session has ended. */
const config = Config.parse(process.env);
const module = await Test.createTestingModule({ imports: [AppModule.with(config)] })
  .overrideProvider(Sessions)
  .useFactory({
    inject: [TypeOrmTransactions],
    factory: (transactions: TypeOrmTransactions) => new NeverEnded(transactions),
  })
  .compile();
const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config), {
  logger: ['error', 'fatal'],
  bodyParser: false,
});
await configureApp(app, config);
await app.init();
console.log(await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host }));
