import { Global, Injectable, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Transactions } from '#libs/kernel/transactions.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Config } from '../config.js';
import { openReader, openWriter, writerOptions } from './data-source.js';

/** The connection for reads outside a unit of work. */
@Injectable()
export class Reader implements BeforeApplicationShutdown {
  constructor(readonly dataSource: DataSource) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.dataSource.destroy();
  }
}

@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [Config],
      // Retries would hide the reason of a failed start for half a minute.
      useFactory: (config: Config) => ({ ...writerOptions(config.databaseFile), retryAttempts: 1 }),
      dataSourceFactory: (options) => openWriter(options!),
    }),
  ],
  providers: [
    {
      provide: Reader,
      // After the writer, which makes and migrates the file.
      inject: [Config, DataSource],
      useFactory: async (config: Config) => new Reader(await openReader(config.databaseFile)),
    },
    {
      provide: TypeOrmTransactions,
      inject: [DataSource, Reader],
      useFactory: (writer: DataSource, reader: Reader) => new TypeOrmTransactions(writer, reader.dataSource),
    },
    { provide: Transactions, useExisting: TypeOrmTransactions },
  ],
  exports: [TypeOrmTransactions, Transactions, Reader],
})
export class DatabaseModule {}
