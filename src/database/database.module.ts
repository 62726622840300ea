import { Global, Injectable, Logger, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Transactions } from '#libs/kernel/transactions.js';
import { bind, wire } from '#libs/nest/wire.js';
import { FifoQueue } from '#libs/persistence/fifo-queue.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Config, ConfigError } from '../config.js';
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
  const unsafe = (await unsafeDurability(writer)).join(', ');
  if (unsafe === '') return;
  const told = `the database server may lose acknowledged writes: ${unsafe}`;
  if (production) throw new ConfigError(`DATABASE_URL: ${told}; make it durable`);
  new Logger('Database').warn(told);
}
