import { CHECKPOINTS } from './audit/index.js';
import { describeTarget, type Config } from './config.js';
import type { DemoClinic } from './demo/fill-demo-clinic.js';

/** What the person who started the server should know, once it listens. */
export function banner(config: Config, url: string, demo: DemoClinic | undefined): string {
  const lines = [
    '',
    '  CyberMed is running.',
    '',
    `  Start   ${url}/`,
    ...(config.docs ? [`  API     ${url}/api/docs/`] : []),
    ...(config.showsMail ? [`  Mail    ${url}/dev/mail/`] : []),
    `  Data    ${describeTarget(config.database)}`,
    '',
    ...(demo ? demoLines(demo, config) : []),
    '  Ctrl+C stops it; the data stays.',
    '',
  ];
  return lines.join('\n');
}

/** All that tells of the data, by name: the folder may hold what is not ours. */
function emptied({ database, dataDir }: Config): string {
  const rows = database.kind === 'sqlite' ? `remove ${database.file}*` : 'empty the database';
  return `${rows}; in ${dataDir} remove ${CHECKPOINTS}, photos, mail`;
}

function demoLines({ accounts, password }: DemoClinic, config: Config): string[] {
  return [
    `  Demo accounts, all with the password  ${password}`,
    ...accounts.map(({ role, email, who }) => `    ${role.padEnd(8)} ${email.padEnd(38)} ${who}`),
    '',
    `  Start afresh:        stop; ${emptied(config)}; npm start`,
    '  Without demo data:   DEMO=false npm start',
    '',
  ];
}
