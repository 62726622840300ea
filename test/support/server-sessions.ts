import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { ServerKind } from './databases.js';

/** A session at a database server beside the application's. */
export interface Session {
  query<Row = Record<string, unknown>>(sql: string): Promise<Row[]>;
  end(): Promise<void>;
}

export async function openSession(kind: ServerKind, url: string): Promise<Session> {
  if (kind === 'postgres') {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return {
      query: async <Row>(sql: string) => (await client.query(sql)).rows as Row[],
      end: () => client.end(),
    };
  }
  const connection = await createConnection(url);
  return {
    query: async <Row>(sql: string) => (await connection.query(sql))[0] as Row[],
    end: () => connection.end(),
  };
}

interface Pool {
  on(event: 'connect' | 'connection', listener: (connection: { query(sql: string): unknown }) => void): void;
}

/** Says one statement in each session of a pool of that size, now and whenever one is opened, after what the product says. */
export async function tellSessions(dataSource: DataSource, size: number, sql: string): Promise<void> {
  const driver = dataSource.driver as unknown as { master?: Pool; pool?: Pool };
  if (dataSource.options.type === 'postgres')
    driver.master!.on('connect', (connection) => void connection.query(sql));
  else driver.pool!.on('connection', (connection) => void connection.query(sql));
  const runners = Array.from({ length: size }, () => dataSource.createQueryRunner());
  await Promise.all(runners.map((runner) => runner.connect()));
  for (const runner of runners) {
    await runner.query(sql);
    await runner.release();
  }
}

/** Ends all sessions at a database but the one that asks. */
export async function endOtherSessions(kind: ServerKind, session: Session): Promise<number> {
  if (kind === 'postgres') {
    const ended = await session.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    return ended.length;
  }
  const others = await session.query<{ id: number }>(
    'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()',
  );
  for (const { id } of others) await session.query(`KILL ${id}`);
  return others.length;
}
