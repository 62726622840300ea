import { spawn } from 'node:child_process';
import { beforeAll, expect, inject, test } from 'vitest';
import { BUILD_TIMEOUT, build } from '../support/program.js';

/** Starting its nodes is most of it. */
const TIMEOUT = 300_000;

const [postgres, mysql] = [inject('postgres'), inject('mysql')];
const databases = ['sqlite', ...(postgres ? ['postgres'] : []), ...(mysql ? ['mysql'] : [])];

beforeAll(build, BUILD_TIMEOUT);

/** A long proof made short, on the servers of this run. */
async function prove(...args: string[]): Promise<{ code: number | null; output: string }> {
  // Beside the databases of the workers a proof makes its own.
  const servers = {
    ...(postgres && { TEST_POSTGRES_URL: `${postgres}1` }),
    ...(mysql && { TEST_MYSQL_URL: `${mysql}1` }),
  };
  const child = spawn(process.execPath, ['dist/prove/run.js', ...args], {
    env: { ...process.env, ...servers },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const code = await new Promise<number | null>((ended) => child.once('close', ended));
  return { code, output };
}

test(
  'two nodes beside one database give a time once, and without the protections they do not',
  async () => {
    const { code, output } = await prove(
      'races',
      '--attempts=150',
      '--nodes=2',
      `--databases=${databases.join()}`,
    );
    expect(output).toContain('No overlap, one winner for each time');
    expect(output.match(/Control on \w+: \d+ overlaps after/g)).toHaveLength(databases.length);
    expect(code).toBe(0);
  },
  TIMEOUT,
);

test(
  'a retry has one effect, whichever node it reaches and whatever is lost, and without keys it has several',
  async () => {
    const { code, output } = await prove('retries', '--keys=20', `--databases=${databases[1] ?? 'sqlite'}`);
    expect(output).toContain('Every key had one effect');
    expect(output).toContain('without keys: keys with several effects');
    expect(code).toBe(0);
  },
  TIMEOUT,
);

test(
  'after a logout no token is of use at either of two nodes, and where ends are not looked at some are',
  async () => {
    const { code, output } = await prove('sessions', '--rounds=10', '--databases=sqlite');
    expect(output).toContain('After a logout no token of its session was of use.');
    expect(output).toMatch(
      /Control on sqlite, .* [1-9]\d* access tokens and [1-9]\d* refresh tokens were of use/,
    );
    expect(code).toBe(0);
  },
  TIMEOUT,
);

test(
  'damaged pictures are refused or made anew, and the node lives',
  async () => {
    const { code, output } = await prove('images', '--images=60', '--seed=7');
    expect(output).toContain('The node lives, and every answer was a declared one.');
    expect(code).toBe(0);
  },
  TIMEOUT,
);

test(
  'listed times are what the clocks show in a year, and hours added to midnight are not',
  async () => {
    const { code, output } = await prove(
      'zones',
      '--years=1',
      '--zones=Europe/Berlin,Australia/Lord_Howe,America/Santiago',
    );
    expect(output).toMatch(/6 changes in 3 zones: no start in a gap, none doubled or shifted/);
    expect(code).toBe(0);
  },
  TIMEOUT,
);
