import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';

export type SqliteConnection = BetterSqlite3.Database;

const FIRST_OF_13 = 22;

/**
 * better-sqlite3 12 is the last that runs on Node 20, and aborts on Node 24 when statements are collected
 * (nodejs/node#65446); 13 is sound there and crashes on Node 20. Each serves where it is at home.
 */
export const SQLITE_PACKAGE =
  Number(process.versions.node.split('.')[0]) < FIRST_OF_13 ? 'better-sqlite3' : 'better-sqlite3-napi';

export const SqliteDatabase = createRequire(import.meta.url)(SQLITE_PACKAGE) as typeof BetterSqlite3;
