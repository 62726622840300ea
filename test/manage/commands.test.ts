import { expect, test } from 'vitest';
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
