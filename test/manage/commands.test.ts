import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PASSWORD } from '../support/clinic.js';
import { environmentOf, installation, newFolder } from './files.js';
import { manage } from './terminal.js';

test.each([
  ['nothing', []],
  ['a question for help', ['--help']],
  ['an unknown command', ['burn', 'file']],
  ['a name that every object has', ['constructor', 'file']],
  ['a command without its argument', ['backup']],
  ['an empty argument', ['backup', '']],
  ['more than one argument', ['backup', 'my', 'file.db']],
  ['an account command without its argument', ['deactivate']],
  ['a password as an argument', ['create-admin', 'a@example.org', 'a tree in the wind']],
  ['an unknown option', ['create-admin', 'a@example.org', '--password', 'a tree in the wind']],
])('%s is answered with all commands', async (_, args) => {
  const { code, said, complaint } = await manage(args, {});
  expect([code, said]).toEqual([2, '']);
  for (const line of ['backup <file>', 'restore <file>', 'copy-to <DATABASE_URL>'])
    expect(complaint).toContain(`\n  ${line} `);
});

test('wrong settings are all named before anything is done', async () => {
  const told = await manage(['backup', 'monday.db'], { PORT: 'http', LOG_LEVEL: 'loud' });
  expect(told.code).toBe(1);
  expect(told.complaint).toMatch(/^Not done\. Mend these settings:\nPORT: .*\nLOG_LEVEL: .*$/);
});

const ON_AN_INSTALLATION = [
  ['create-admin', 'a@example.org'],
  ['reset-password', 'a@example.org'],
  ['list-users'],
  ['approve-doctor', 'a@example.org'],
  ['deactivate', 'a@example.org'],
  ['verify-audit'],
];

test('no command makes a database: where there is none, one line says which settings name it', async () => {
  const DATA_DIR = join(newFolder(), 'data');
  const complaint =
    `There is no database at ${join(DATA_DIR, 'cybermed.db')}. The first start of the server makes it; ` +
    'if it is elsewhere, set DATA_DIR or DATABASE_URL as the server has it.';
  mkdirSync(DATA_DIR);
  for (const args of ON_AN_INSTALLATION)
    expect(await manage(args, { DATA_DIR }, PASSWORD)).toEqual({ code: 1, said: '', complaint });
  expect(readdirSync(DATA_DIR)).toEqual([]);
});

test('no command makes an audit key: a second one would make an intact trail look broken', async () => {
  const DATA_DIR = newFolder();
  const complaint =
    `There is no AUDIT_KEY, and no file audit-key in ${DATA_DIR}. ` +
    'Set AUDIT_KEY or DATA_DIR as the server has it.';
  const environment = { ...environmentOf(installation()), DATA_DIR };
  for (const args of ON_AN_INSTALLATION)
    expect(await manage(args, environment, PASSWORD)).toEqual({ code: 1, said: '', complaint });
  expect(readdirSync(DATA_DIR)).toEqual([]);
});
