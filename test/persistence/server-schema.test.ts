import { describe, expect, onTestFinished, test } from 'vitest';
import type { DataSource } from 'typeorm';
import { targetOf } from '../../src/config.js';
import { openWriter, writerOptions } from '../../src/database/data-source.js';
import { isThere, newDatabase } from '../support/databases.js';

describe.each(['postgres', 'mysql'] as const)('on %s', (kind) => {
  async function database(): Promise<() => Promise<DataSource>> {
    const own = await newDatabase(kind, 'nothing');
    onTestFinished(() => own.drop());
    const options = await writerOptions(targetOf(own.url), 2);
    return async () => {
      const writer = await openWriter(options);
      onTestFinished(() => (writer.isInitialized ? writer.destroy() : undefined));
      return writer;
    };
  }

  async function differences(writer: DataSource): Promise<string[]> {
    const { upQueries } = await writer.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  }

  test.skipIf(!isThere(kind))('a migrated empty database is what the schemas say', async () => {
    const writer = await (await database())();
    expect(await differences(writer)).toEqual([]);
    const index =
      kind === 'postgres'
        ? 'DROP INDEX appointments_starts'
        : 'DROP INDEX appointments_starts ON appointments';
    await writer.query(index);
    expect(await differences(writer)).not.toEqual([]);
  });

  test.skipIf(!isThere(kind))(
    'so it is when later migrations find another default, as in a dump that was loaded elsewhere',
    async () => {
      const open = await database();
      const before = await open();
      // All but the first.
      for (const _ of before.migrations.slice(1)) await before.undoLastMigration({ transaction: 'each' });
      if (kind === 'mysql') await before.query('ALTER DATABASE COLLATE utf8mb4_general_ci');
      await before.destroy();
      expect(await differences(await open())).toEqual([]);
    },
  );
});
