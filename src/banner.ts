import { describeTarget, type Config, type DatabaseTarget } from './config.js';
import type { DemoClinic } from './demo/fill-demo-clinic.js';

/** What the person who started the server should know, once it listens. */
export function banner(config: Config, url: string, demo: DemoClinic | undefined): string {
  const lines = [
    '',
    '  CyberMed is running.',
    '',
    `  API     ${url}/api/`,
    ...(config.docs ? [`  Docs    ${url}/api/docs/`] : []),
    `  Data    ${describeTarget(config.database)}`,
    '',
    ...(demo ? demoLines(demo, config) : []),
    '  Ctrl+C stops it; the data stays.',
    '',
  ];
  return lines.join('\n');
}

function emptied(database: DatabaseTarget): string {
  return database.kind === 'sqlite' ? `remove ${database.file}*` : 'empty the database';
}

function demoLines({ accounts, password }: DemoClinic, config: Config): string[] {
  return [
    `  Demo accounts, all with the password  ${password}`,
    ...accounts.map(({ role, email, who }) => `    ${role.padEnd(8)} ${email.padEnd(38)} ${who}`),
    '',
    `  Start afresh:        stop, ${emptied(config.database)}, npm start`,
    '  Without demo data:   DEMO=false npm start',
    '',
  ];
}
