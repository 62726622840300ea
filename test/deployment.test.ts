import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Config } from '../src/config.js';
import { scratchFolder } from './support/folders.js';

const read = (path: string) => readFileSync(path, 'utf8');
const json = (path: string) => JSON.parse(read(path)) as Record<string, Record<string, string>>;

const DOCKERFILE = read('deploy/Dockerfile');
const COMPOSE = read('deploy/compose.yaml');
const UNIT = read('deploy/cybermed.service');
const COMMANDS = read('deploy/cybermed-manage');
const PROXY = read('deploy/haproxy.cfg');

interface Instruction {
  name: string;
  text: string;
}

/** The instructions of each stage, the first of which is its FROM. */
function stagesOf(dockerfile: string): Instruction[][] {
  const lines = dockerfile
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Instruction[][] = [];
  for (const line of lines) {
    const [, name, text] = /^(\S+)\s+(.*)$/.exec(line)!;
    if (name === 'FROM') stages.push([]);
    stages.at(-1)!.push({ name: name!, text: text! });
  }
  return stages;
}

const stages = stagesOf(DOCKERFILE);
const build = stages[0]!;
const final = stages.at(-1)!;
const textsOf = (stage: readonly Instruction[], wanted: string) =>
  stage.filter(({ name }) => name === wanted).map(({ text }) => text);

/** What a stage copies: from the folder of the project, or `fromBuild`. */
function copied(stage: readonly Instruction[], fromBuild = false): string[] {
  return textsOf(stage, 'COPY')
    .filter((text) => text.startsWith('--from=build ') === fromBuild)
    .flatMap((text) =>
      text
        .replace(/^--from=build /, '')
        .split(' ')
        .slice(0, -1),
    );
}

describe('the image', () => {
  test('copies what is there, and what its .dockerignore lets through', () => {
    const let_through = read('deploy/Dockerfile.dockerignore').split('\n');
    const paths = [...copied(build), ...copied(final)];
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    expect(paths.filter((path) => !let_through.includes(`!${path}`))).toEqual([]);
    expect(let_through[0]).toBe('*');
  });

  test('builds from all that the compiler reads', () => {
    const config = 'tsconfig.build.json';
    expect(json('package.json')['scripts']!['build']).toBe(`tsc -p ${config}`);
    const { extends: parent, include } = JSON.parse(read(config)) as { extends: string; include: string[] };
    expect(copied(build)).toEqual(expect.arrayContaining([config, parent.replace('./', ''), ...include]));
  });

  test('runs only scripts that package.json has', () => {
    const scripts = textsOf(build, 'RUN').flatMap((text) => text.match(/(?<=npm run )\S+/g) ?? []);
    expect(scripts).toEqual(['build']);
    expect(Object.keys(json('package.json')['scripts']!)).toEqual(expect.arrayContaining(scripts));
  });

  test('holds all that the program imports: its build, and the packages that are not only for development', () => {
    expect(copied(final, true)).toEqual(['/build/node_modules', '/build/dist']);
    // For `imports` and `type`.
    expect(copied(final)).toEqual(['package.json']);
    const kept = new Set(Object.keys(json('package.json')['dependencies']!));
    for (const name of removed()) kept.delete(name);
    const missing = imported().filter((name) => !kept.has(name) && !builtinModules.includes(name));
    expect(missing).toEqual([]);
  });

  test('has a Node that the project supports, and that needs no driver which was removed', () => {
    const [base, ...others] = stages.map(([from]) => from!.text.split(' ')[0]!);
    expect(others.every((other) => other === base)).toBe(true);
    const major = Number(/^node:(\d+)-/.exec(base!)![1]);
    expect(read('package.json')).toMatch(new RegExp(`"node": ".*(\\^|>=)${major}\\.`));
    expect(removed()).toContain('better-sqlite3');
    // From here on the driver is better-sqlite3-napi: libs/persistence/sqlite-driver.ts.
    expect(major).toBeGreaterThanOrEqual(22);
  });

  test('ends without npm, as a user without rights, with the data folder as its only volume', () => {
    const gone = textsOf(final, 'RUN').join(' ');
    for (const tool of ['lib/node_modules', 'bin/npm', 'bin/npx', 'bin/corepack', 'bin/yarn']) {
      expect(gone).toContain(`/usr/local/${tool}`);
    }
    expect(textsOf(final, 'USER')).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)]);
    expect(textsOf(final, 'VOLUME')).toEqual(['/data']);
    expect(textsOf(final, 'ENV').join()).toContain('DATA_DIR=/data');
    expect(textsOf(final, 'STOPSIGNAL')).toEqual(['SIGTERM']);
  });

  test('starts the program itself, with no shell or npm between, and asks it whether it can serve', () => {
    const [start] = textsOf(final, 'CMD');
    expect(JSON.parse(start!)).toEqual(['node', 'dist/src/main.js']);
    expect(existsSync('src/main.ts')).toBe(true);
    const [check] = textsOf(final, 'HEALTHCHECK');
    const [program, , code] = JSON.parse(check!.slice(check!.indexOf('['))) as string[];
    expect(program).toBe('node');
    expect(code).toContain('/health/ready/');
  });

  function removed(): string[] {
    const paths = textsOf(build, 'RUN').flatMap((text) => text.match(/(?<= node_modules\/)\S+/g) ?? []);
    expect(paths.length).toBeGreaterThan(0);
    return paths.filter((path) => !path.includes('/'));
  }
});

/** The packages that the program imports, types aside. */
function imported(): string[] {
  const sources = ['src', 'libs'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(`${folder}/${file}`)),
  );
  const names = sources.flatMap((source) =>
    [...source.matchAll(/^(?:import|export) (?!type )(?:[^;]*? from )?'([^'.#][^']*)'/gm)].map(([, name]) =>
      name!.replace(/^node:/, '').replace(/^(@[^/]+\/[^/]+|[^@/]+).*$/, '$1'),
    ),
  );
  expect(names).toContain('typeorm');
  return [...new Set(names)];
}

/** The lines of a top-level part of compose.yaml, or of one of its services. */
function part(name: string, indent = ''): string {
  const [, text] = new RegExp(`^${indent}${name}:.*\n((?:${indent}  .*\n|\n|${indent}  ?#.*\n)*)`, 'm').exec(
    COMPOSE,
  )!;
  return text!;
}

/** Of the nodes, each variable as it would be with `values` in deploy/.env. */
function settingsOf(text: string, values: Record<string, string>): Record<string, string> {
  const [, block] = /^ +environment:\n((?:    .*\n)*)/m.exec(text)!;
  return Object.fromEntries(
    [...block!.matchAll(/^    ([A-Z_]+): *(?:>-\n *)?(.*)$/gm)].map(([, name, value]) => [
      name!,
      value!
        .replace(/^'(.*)'$/, '$1')
        .replace(/\$\{(\w+):([?-])([^}]*)\}/g, (_, variable: string, kind: string, rest: string) => {
          return values[variable] ?? (kind === '-' ? rest : '');
        }),
    ]),
  );
}

const SERVICES = ['app-1', 'app-2', 'database', 'counts', 'proxy'];

describe('compose.yaml', () => {
  const required = {
    POSTGRES_PASSWORD: '0123456789abcdef'.repeat(4),
    JWT_SECRET: 'fedcba9876543210'.repeat(4),
    AUDIT_KEY: '02468ace13579bdf'.repeat(4),
  };

  test('gives the nodes settings with which they start in production', () => {
    const settings = settingsOf(part('x-app'), required);
    expect(Config.parse(settings)).toMatchObject({
      production: true,
      // The proxy of the same file, which says whom it serves and passes on nobody's word.
      trustedProxyHops: 1,
      redisUrl: 'redis://counts:6379',
      demo: false,
      database: {
        kind: 'postgres',
        url: `postgres://cybermed:${required.POSTGRES_PASSWORD}@database:5432/cybermed`,
      },
    });
  });

  test('names only settings that exist', () => {
    const names = Object.keys(settingsOf(part('x-app'), required));
    expect(names.length).toBeGreaterThan(4);
    expect(names.filter((name) => !isSetting(name))).toEqual([]);
  });

  test('hands on every setting that is not its own to make', () => {
    const own = ['NODE_ENV', 'HOST', 'PORT', 'DATA_DIR', 'DATABASE_URL', 'TRUSTED_PROXY_HOPS', 'REDIS_URL'];
    const ofDevelopment = ['DEMO', 'RATE_LIMITS'];
    const all = [...read('.env.example').matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name!);
    const left = new Set(all.filter((name) => ![...own, ...ofDevelopment].includes(name)));
    expect(left.size).toBeGreaterThan(15);
    const handedOn = [...part('x-app').matchAll(/^ {4}([A-Z_]+): \$\{\1:/gm)].map(([, name]) => name!);
    expect([...left].filter((name) => !handedOn.includes(name))).toEqual([]);
  });

  test('does not start without its secrets', () => {
    for (const name of ['POSTGRES_PASSWORD', 'JWT_SECRET', 'AUDIT_KEY', 'CERTIFICATE']) {
      expect(COMPOSE).toContain(`\${${name}:?`);
      expect(COMPOSE).not.toMatch(new RegExp(`\\$\\{${name}(}|:-)`));
    }
  });

  test('confines every container', () => {
    const confined = part('x-confined');
    for (const denial of ['read_only: true', 'cap_drop: [ALL]', 'no-new-privileges:true']) {
      expect(confined).toContain(denial);
    }
    expect(part('x-app')).toContain('<<: *confined');
    const services = part('services');
    expect([...services.matchAll(/^ {2}([\w-]+):$/gm)].map(([, name]) => name)).toEqual(SERVICES);
    for (const name of SERVICES) expect(part(name, '  ')).toMatch(/<<: \*(confined|app)\n/);
    expect([part('x-app'), part('services')].join()).not.toMatch(/privileged|network_mode/);
  });

  test('publishes the proxy and nothing else', () => {
    expect(COMPOSE.match(/^ +ports:/gm)).toHaveLength(1);
    expect(part('proxy', '  ')).toMatch(/^ {4}ports:/m);
    for (const name of ['database', 'counts']) expect(part(name, '  ')).toContain('networks: [back]');
    expect(part('networks')).toContain('back: { internal: true }');
  });
});

test('the proxy knows the nodes of compose.yaml by name and port, and asks each whether it can serve', () => {
  const nodes = [...PROXY.matchAll(/^ +server ([\w-]+) "\$\{NODE_\d-([\w-]+):(\d+)\}"$/gm)];
  expect(nodes.map(([, name]) => name)).toEqual(['app-1', 'app-2']);
  expect(nodes.map(([, , host]) => host)).toEqual(['app-1', 'app-2']);
  expect(textsOf(final, 'ENV').join()).toContain(`PORT=${nodes[0]![3]}`);
  expect(PROXY).toContain('option httpchk GET /health/ready/');
  expect(Object.keys(json('docs/openapi.json')['paths']!)).toContain('/health/ready/');
});

test('nothing that a node may have done is tried again by the proxy', () => {
  expect(PROXY).toContain('http-request disable-l7-retry unless METH_GET');
});

describe('the unit', () => {
  const settings = [...UNIT.matchAll(/^Environment=(.*)$/gm)].flatMap(([, pairs]) => pairs!.split(' '));

  test('starts what the image starts, with settings that exist', () => {
    expect(UNIT).toContain('ExecStart=/usr/bin/node dist/src/main.js\n');
    expect(settings.length).toBeGreaterThan(1);
    expect(settings.filter((pair) => !isSetting(pair.split('=')[0]!))).toEqual([]);
    expect(UNIT).toMatch(/^EnvironmentFile=\/etc\/cybermed\.env$/m);
  });

  test('keeps its data where it may write, and may write nowhere else', () => {
    expect(settings).toContain('DATA_DIR=/var/lib/cybermed');
    expect(UNIT).toContain('StateDirectory=cybermed\n');
    expect(UNIT).toContain('ProtectSystem=strict\n');
  });

  test('leaves a node as long to end as compose.yaml does', () => {
    expect(UNIT).toContain('TimeoutStopSec=35\n');
    expect(part('x-app')).toContain('stop_grace_period: 35s');
  });
});

describe('the commands beside the unit', () => {
  const of = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(UNIT)![1]!;

  test('run as its user, in its folder, by its Node', () => {
    expect(COMMANDS).toContain(`\ncd ${of('WorkingDirectory')} `);
    expect(COMMANDS).toContain(`runuser -u ${of('User')} -- `);
    expect(COMMANDS).toContain(` ${of('ExecStart').replace(/ .*/, '')} --env-file=${of('EnvironmentFile')} `);
    expect(existsSync('src/manage.ts')).toBe(true);
  });

  test('have its settings, those of its file among them, and no others', () => {
    const folder = scratchFolder('unit');
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'dist/src'), { recursive: true });
    const tell = 'console.log(JSON.stringify([process.env, process.argv.slice(2)]))';
    writeFileSync(join(folder, 'dist/src/manage.js'), tell);
    writeFileSync(join(folder, 'env'), 'AUDIT_KEY=a+b/c==\nMAIL_FROM=Clinic <no-reply@clinic.example>\n');
    const here = COMMANDS.replace(of('WorkingDirectory'), folder)
      .replace(of('EnvironmentFile'), join(folder, 'env'))
      .replace('/usr/bin/node', process.execPath)
      .replace(`runuser -u ${of('User')} --`, '');
    const asked = ['-c', here, 'cybermed-manage', 'backup', 'my file.db'];
    const env = { ...process.env, DATABASE_URL: 'sqlite:elsewhere.db' };
    const [settings, args] = JSON.parse(execFileSync('sh', asked, { env, encoding: 'utf8' })) as unknown[];
    const unit = of('Environment')
      .split(' ')
      .map((pair) => pair.split('='));
    expect(settings).toEqual({
      ...Object.fromEntries(unit),
      AUDIT_KEY: 'a+b/c==',
      MAIL_FROM: 'Clinic <no-reply@clinic.example>',
    });
    expect(args).toEqual(['backup', 'my file.db']);
  });

  test('are named so in the documents', () => {
    expect(read('docs/operations.md')).toContain('install -m 755 deploy/cybermed-manage /usr/local/sbin\n');
    expect(read('docs/operations.md')).not.toContain('runuser');
    expect(read('docs/backups.md')).toMatch(/^5 \* .* root \/usr\/local\/sbin\/cybermed-manage backup \//m);
  });
});

function isSetting(name: string): boolean {
  return new RegExp(`^  ${name}: `, 'm').test(read('src/config.ts'));
}

/** Lines that give a secret a value of their own, instead of asking for it. */
function literalSecrets(text: string): string[] {
  const secret = /(?:SECRETS?|PASSWORD|KEY|TOKEN)\s*[:=]\s*(.*)$|:\/\/[^\s:/]+:([^@\s]+)@/;
  return text.split('\n').filter((line) => {
    // What is asked for from outside, with the words that ask for it.
    const [found, value, inUrl] = secret.exec(line.replace(/\$\{[^}]*\}/g, '<asked>')) ?? [];
    return found !== undefined && (value ?? inUrl) !== '<asked>';
  });
}

describe('no secret is written down', () => {
  test.each(['Dockerfile', 'compose.yaml', 'haproxy.cfg', 'cybermed.service', 'cybermed-manage'])(
    'in %s',
    (name) => {
      expect(literalSecrets(read(`deploy/${name}`))).toEqual([]);
    },
  );

  test('and one would be found (control)', () => {
    const lines = [
      'JWT_SECRET: hunter2',
      'Environment=JWT_SECRET=hunter2',
      'DATABASE_URL: postgres://me:hunter2@db/x',
    ];
    expect(literalSecrets(lines.join('\n'))).toEqual(lines);
    expect(literalSecrets('JWT_SECRET: ${JWT_SECRET:?set it}')).toEqual([]);
  });
});
