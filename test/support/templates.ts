import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import pg from 'pg';
import { Config } from '../../src/config.js';
import { openWriter, writerOptions } from '../../src/database/data-source.js';
import { DemoClock } from '../../src/demo/demo-time.js';
import { writeDemoClinic } from '../../src/demo/fill-demo-clinic.js';
import { AUDIT_KEY } from './audit-key.js';

/** What a database begins with: `nothing` at all, `empty` is migrated, `demo` holds the demo clinic of now. */
export type Content = 'nothing' | 'empty' | 'demo';

/** What is migrated and filled once a run, and copied by each test. */
export const TEMPLATES = ['empty', 'demo'] as const;
export type Template = (typeof TEMPLATES)[number];

/** Migrates and fills the database at `url`. */
export async function writeTemplate(content: Template, url: string, folder: string): Promise<void> {
  const config = Config.parse({ NODE_ENV: 'test', DATA_DIR: folder, DATABASE_URL: url, AUDIT_KEY });
  if (content === 'demo') await writeDemoClinic(config, new DemoClock());
  else await (await openWriter(await writerOptions(config.database))).destroy();
}

/** PostgreSQL copies a database by itself. */
export async function copyOnPostgres(server: string, template: string | undefined, name: string) {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}${template === undefined ? '' : ` TEMPLATE ${template}`}`);
  await client.end();
}

const scripts = new Map<string, Promise<string>>();

/** MySQL and MariaDB copy nothing by themselves: the tables are made as they say they were, then filled, then watched. */
export async function copyOnMySql(server: string, template: string | undefined, name: string) {
  const connection = await createConnection({ uri: server, multipleStatements: true });
  await connection.query(`CREATE DATABASE ${name}`);
  if (template !== undefined) {
    let script = scripts.get(template);
    if (script === undefined) scripts.set(template, (script = copyingScript(connection, template)));
    await connection.query(`USE ${name}; ${await script}`);
  }
  await connection.end();
}

async function copyingScript(connection: Connection, template: string): Promise<string> {
  const rows = async (sql: string): Promise<RowDataPacket[]> =>
    (await connection.query<RowDataPacket[]>(sql))[0];
  const of = `FROM information_schema`;
  const tables = await rows(`SELECT table_name AS name ${of}.tables WHERE table_schema = '${template}'`);
  const triggers = await rows(
    `SELECT trigger_name AS name ${of}.triggers WHERE trigger_schema = '${template}'`,
  );
  const statements = ['SET foreign_key_checks = 0'];
  for (const { name } of tables) {
    const [shown] = await rows(`SHOW CREATE TABLE ${template}.${name}`);
    statements.push(
      shown!['Create Table'] as string,
      `INSERT INTO ${name} SELECT * FROM ${template}.${name}`,
    );
  }
  for (const { name } of triggers) {
    const [shown] = await rows(`SHOW CREATE TRIGGER ${template}.${name}`);
    statements.push(shown!['SQL Original Statement'] as string);
  }
  return statements.join(';\n');
}
