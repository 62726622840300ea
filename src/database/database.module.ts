import { Global, Injectable, Logger, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Transactions } from '#libs/kernel/transactions.js';
import { bind, wire } from '#libs/nest/wire.js';
import { FifoQueue } from '#libs/persistence/fifo-queue.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Config, ConfigError, targetOf, type DatabaseTarget } from '../config.js';
import { DatabaseHealth } from './database-health.js';
import { DatabaseLoad } from './database-load.js';
import { openReader, openWriter, writerOptions } from './data-source.js';
import { DiskGuard, EmergencyStop, ProcessStop } from './disk-guard.js';
import { unsafeDurability } from './servers.js';

/** The connections for reads outside a unit of work. */
@Injectable()
export class Reader implements BeforeApplicationShutdown {
  constructor(readonly dataSource: DataSource) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.dataSource.destroy();
  }
}

const MAX_WAITING = 2000;

@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [Config],
      useFactory: async (config: Config) => ({
        ...(await writerOptions(config.database, config.databasePool)),
        // Retries would hide the reason of a failed start for half a minute.
        retryAttempts: 1,
        // Nor is there anything to tell twice: start-failures.ts has the words.
        toRetry: () => false,
      }),
      dataSourceFactory: (options) => openWriter(options!),
    }),
  ],
  providers: [
    bind(EmergencyStop, ProcessStop),
    wire(DiskGuard, EmergencyStop),
    {
      provide: Reader,
      // After the writer, which makes and migrates the database.
      inject: [Config, DataSource, DiskGuard],
      useFactory: async (config: Config, writer: DataSource, guard: DiskGuard) => {
        const isFile = config.database.kind === 'sqlite';
        if (!isFile) await judgeDurability(writer, config);
        const reader = await openReader(config.database, config.databasePool);
        if (isFile) {
          guard.watch(writer, 'read-write');
          guard.watch(reader, 'read-only');
        }
        return new Reader(reader);
      },
    },
    {
      provide: FifoQueue,
      inject: [Config],
      useFactory: ({ database, databasePool }: Config) =>
        new FifoQueue(MAX_WAITING, database.kind === 'sqlite' ? 1 : databasePool),
    },
    {
      provide: TypeOrmTransactions,
      inject: [DataSource, Reader, FifoQueue],
      useFactory: (writer: DataSource, reader: Reader, queue: FifoQueue) =>
        new TypeOrmTransactions(writer, reader.dataSource, queue),
    },
    {
      provide: DatabaseHealth,
      inject: [TypeOrmTransactions, Reader],
      useFactory: (transactions: TypeOrmTransactions, reader: Reader) =>
        new DatabaseHealth(transactions, reader.dataSource),
    },
    {
      provide: DatabaseLoad,
      inject: [FifoQueue, Reader],
      useFactory: (queue: FifoQueue, reader: Reader) => new DatabaseLoad(queue, reader.dataSource),
    },
    { provide: Transactions, useExisting: TypeOrmTransactions },
  ],
  exports: [TypeOrmTransactions, Transactions, Reader, DatabaseHealth, DatabaseLoad],
})
export class DatabaseModule {}

async function judgeDurability(writer: DataSource, { production }: Config): Promise<void> {
  const unsafe = await unsafeDurability(writer);
  if (unsafe.length === 0) return;
  if (production) throw new ConfigError([undurable(unsafe)]);
  new Logger('Database').warn(unsafeServer(unsafe));
}

function unsafeServer(unsafe: readonly string[]): string {
  return `the database server may lose acknowledged writes: ${unsafe.join(', ')}`;
}

function undurable(unsafe: readonly string[]): string {
  return `DATABASE_URL: ${unsafeServer(unsafe)}; make it durable`;
}

/**
 * What a start in production would find fault with in the database server, for when it is refused for other reasons
 * already. Nothing where there is none, or it does not answer: that is told when the settings are right.
 */
export async function faultsOfServer(environment: NodeJS.ProcessEnv): Promise<string[]> {
  const { NODE_ENV, DATABASE_URL = '' } = environment;
  if (NODE_ENV !== 'production' || !/^(postgres(ql)?|mysql|mariadb):/.test(DATABASE_URL)) return [];
  try {
    const unsafe = await unsafeServerAt(targetOf(DATABASE_URL));
    return unsafe.length === 0 ? [] : [undurable(unsafe)];
  } catch {
    return [];
  }
}

async function unsafeServerAt(target: DatabaseTarget): Promise<string[]> {
  const reader = await openReader(target, 2);
  try {
    return await unsafeDurability(reader);
  } finally {
    await reader.destroy();
  }
}
