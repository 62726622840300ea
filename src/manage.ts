import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { run } from './manage/run.js';
import { readPassword } from './manage/secret.js';

// What backups hold is patients' data: files are the owner's alone.
process.umask(0o077);
if (existsSync('.env')) process.loadEnvFile('.env');
const code = await run(process.argv.slice(2), process.env, {
  say: (line) => console.log(line),
  complain: (line) => console.error(line),
  password: readPassword,
});
// A connection that broke may still be open, and would keep the program.
process.exit(code);
