import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { beforeAll, describe, expect, test } from 'vitest';

/** Who may know whom. A file that a rule speaks of may import nothing but what the rule allows. */
interface Rule {
  name: string;
  from: RegExp;
  /** `$1`, `$2` stand for what `from` matched. */
  mayUse: readonly string[];
}

const KERNEL = '^libs/kernel/';

const RULES: readonly Rule[] = [
  {
    name: 'the domain knows its own domain, the kernel and Temporal',
    from: /^src\/(\w+)\/domain\//,
    mayUse: ['^src/$1/domain/', KERNEL, '^temporal-polyfill$'],
  },
  {
    name: 'ports are words of the domain',
    from: /^src\/(\w+)\/ports\.ts$/,
    mayUse: ['^src/$1/domain/', KERNEL],
  },
  {
    name: 'use cases know domain, ports, kernel and what other modules offer',
    from: /^src\/(\w+)\/use-cases\//,
    mayUse: [
      '^src/$1/(domain|use-cases)/',
      '^src/$1/ports\\.ts$',
      '^src/\\w+/index\\.ts$',
      KERNEL,
      '^node:util$',
    ],
  },
  {
    name: 'controllers, and what several routes share, know use cases, ports, their DTOs and who may call',
    from: /^src\/(\w+)\/adapters\/[\w-]+(\.controller|-route)\.ts$/,
    mayUse: [
      '^src/$1/(domain|use-cases)/',
      '^src/$1/ports\\.ts$',
      '^src/$1/adapters/[\\w-]+(\\.dto|-route)\\.ts$',
      '^src/identity/adapters/access\\.ts$',
      '^src/\\w+/index\\.ts$',
      '^libs/(kernel|nest|problems)/',
      '^(@nestjs/|fastify$)',
    ],
  },
  {
    name: 'DTOs are the wire: domain, use cases, fields and each other',
    from: /^src\/(\w+)\/adapters\/[\w-]+\.dto\.ts$/,
    mayUse: [
      '^src/$1/adapters/[\\w-]+\\.dto\\.ts$',
      '^src/$1/(domain|use-cases)/',
      '^src/$1/ports\\.ts$',
      '^src/$1/adapters/[\\w-]+\\.dto\\.ts$',
      '^src/\\w+/index\\.ts$',
      '^libs/(kernel|nest|problems)/',
      '^@nestjs/swagger$',
    ],
  },
  {
    name: 'other adapters look inward and at libraries, not at each other',
    from: /^src\/(\w+)\/adapters\/(?!.*(\.(controller|dto)|-route)\.ts$)/,
    mayUse: [
      '^src/$1/(domain|use-cases)/',
      '^src/$1/ports\\.ts$',
      '^src/\\w+/index\\.ts$',
      // Beside the appointments: the time that they occupy, and how it is read.
      '^src/scheduling/adapters/typeorm-(occupied|busy)-time\\.ts$',
      // Those that make and read a token.
      '^src/identity/adapters/(signing-keys|token-time|jwt-tokens|jwt.strategy|pseudonyms)\\.ts$',
      '^libs/',
      '^(?!src/)',
    ],
  },
  {
    name: 'persistence files are the only ones of a module that know TypeORM',
    from: /^src\/(?!database\/)(?!.*\/typeorm-)/,
    mayUse: ['^(?!typeorm$)'],
  },
  {
    name: 'nothing inside the layers knows Nest',
    from: /^(src\/\w+\/(domain|use-cases)\/|src\/\w+\/ports\.ts|libs\/(kernel|persistence)\/)/,
    mayUse: ['^(?!@nestjs/)'],
  },
  {
    name: 'identity knows no other module',
    from: /^src\/identity\//,
    mayUse: ['^src/(identity/|config\\.ts)', '^(?!src/)'],
  },
  {
    name: 'doctors know identity',
    from: /^src\/doctors\//,
    mayUse: ['^src/(doctors/|config\\.ts|identity/index\\.ts)', '^(?!src/)'],
  },
  {
    name: 'patients know identity',
    from: /^src\/patients\//,
    mayUse: ['^src/(patients/|config\\.ts|identity/index\\.ts)', '^(?!src/)'],
  },
  {
    name: 'scheduling knows doctors, patients and identity by what they offer',
    from: /^src\/scheduling\//,
    mayUse: ['^src/(scheduling/|config\\.ts|(doctors|patients|identity)/index\\.ts)', '^(?!src/)'],
  },
  {
    name: 'admin knows scheduling, doctors and identity by what they offer',
    from: /^src\/admin\//,
    mayUse: ['^src/(admin/|config\\.ts|(scheduling|doctors|identity)/index\\.ts)', '^(?!src/)'],
  },
  {
    name: 'the audit knows patients, doctors and identity by what they offer, and none of them the audit',
    from: /^src\/audit\//,
    mayUse: ['^src/(audit/|config\\.ts|(patients|doctors|identity)/index\\.ts)', '^(?!src/)'],
  },
  {
    name: 'what every module records with knows none of them',
    from: /^src\/audit\/(audit-trail\.module|adapters\/typeorm-audit-trail)\.ts$/,
    mayUse: ['^src/(audit/|config\\.ts)', '^(?!src/)'],
  },
  {
    name: 'privacy knows the audit, scheduling, doctors, patients and identity by what they offer',
    from: /^src\/privacy\//,
    mayUse: ['^src/(privacy/|(audit|scheduling|doctors|patients|identity)/index\\.ts)', '^(?!src/)'],
  },
  {
    name: 'jobs know the modules whose use cases they run, by what they offer',
    from: /^src\/jobs\//,
    mayUse: ['^src/(jobs/|config\\.ts|(audit|identity|scheduling)/index\\.ts)', '^(?!src/)'],
  },
  {
    name: 'operation knows the database, the jobs and who may call what',
    from: /^src\/operation\//,
    mayUse: ['^src/(operation/|database/|config\\.ts|(jobs|identity)/index\\.ts)', '^(?!src/)'],
  },
  {
    name: 'the database knows the schemas',
    from: /^src\/database\//,
    mayUse: ['^src/(database/|config\\.ts|\\w+/adapters/typeorm-[\\w-]+\\.ts)', '^(?!src/)'],
  },
  {
    name: 'the demo fills the clinic through what modules offer',
    from: /^src\/demo\//,
    mayUse: ['^src/(demo/|config\\.ts|app\\.module\\.ts|\\w+/index\\.ts)', '^(?!src/)'],
  },
  {
    name: 'the app knows modules by what they offer',
    from: /^src\/(app\.[\w.]+|main|banner|start-failures)\.ts$/,
    mayUse: [
      '^src/[\\w.-]+\\.ts$',
      '^src/(\\w+/index|database/database\\.module|demo/[\\w-]+)\\.ts$',
      '^(?!src/)',
    ],
  },
  {
    name: 'operator commands know settings, the database and persistence, and no module: they move rows, not meanings',
    from: /^src\/manage(\/(?!(accounts|application|audit)\.ts$)|\.ts$)/,
    mayUse: [
      '^src/(manage/|config\\.ts|database/data-source\\.ts)',
      '^libs/persistence/',
      '^(?!src/|libs/|@nestjs/)',
    ],
  },
  {
    name: 'operator commands about accounts and the audit trail use what modules offer',
    from: /^src\/manage\/(accounts|application|audit)\.ts$/,
    mayUse: [
      '^src/(manage/|config\\.ts|app\\.module\\.ts|(admin|audit|identity)/index\\.ts)',
      '^libs/((kernel|nest)/|ambient)',
      '^(?!src/|libs/)',
    ],
  },
  {
    name: 'nobody knows the operator commands',
    from: /^(src\/(?!manage(\/|\.ts$))|libs\/)/,
    mayUse: ['^(?!src/manage)'],
  },
  { name: 'the kernel knows nothing', from: /^libs\/kernel\//, mayUse: ['^libs/kernel/'] },
  {
    name: 'libraries know no module',
    from: /^libs\//,
    mayUse: ['^(?!src/)'],
  },
  {
    name: 'only persistence and the database know TypeORM',
    from: /^libs\/(?!persistence\/)/,
    mayUse: ['^(?!typeorm$)'],
  },
];

interface Import {
  from: string;
  to: string;
}

let files: string[];
let imports: Import[];

beforeAll(async () => {
  const { output } = await cruise(['src', 'libs'], {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'types', 'default'],
      extensions: ['.ts', '.js'],
    },
  });
  const { modules } = output as ICruiseResult;
  const own = modules.filter(({ source }) => /^(src|libs)\//.test(source));
  files = own.map(({ source }) => source);
  imports = own.flatMap(({ source, dependencies }) =>
    dependencies.map(({ module, resolved, coreModule }) => {
      if (coreModule) return { from: source, to: `node:${module.replace(/^node:/, '')}` };
      return { from: source, to: /^(src|libs)\//.test(resolved) ? resolved : module };
    }),
  );
});

describe('architecture', () => {
  test.each(RULES)('$name', ({ from, mayUse }) => {
    expect(
      files.filter((file) => from.test(file)),
      'the rule speaks of no file',
    ).not.toHaveLength(0);
    expect(violations(imports, { from, mayUse })).toEqual([]);
  });

  test('a forbidden import is found (control)', () => {
    const forbidden = { from: 'src/scheduling/domain/agenda.ts', to: '@nestjs/common' };
    expect(violations([...imports, forbidden], RULES[0]!)).toEqual([forbidden]);
  });

  test('no file of ours is imported by a name that does not resolve to it', () => {
    expect(imports.filter(({ to }) => to.startsWith('#') || to.startsWith('.'))).toEqual([]);
  });

  test('no circle of imports', () => {
    expect(circles(files, imports)).toEqual([]);
  });

  test('the domain reads no clock', async () => {
    const { readFile } = await import('node:fs/promises');
    const readers: string[] = [];
    for (const file of files.filter((name) => /\/(domain|use-cases)\//.test(name))) {
      if (/Date\.now\(|new Date\(\)|Temporal\.Now/.test(await readFile(file, 'utf8'))) readers.push(file);
    }
    expect(readers).toEqual([]);
  });
});

function violations(all: readonly Import[], { from, mayUse }: Pick<Rule, 'from' | 'mayUse'>): Import[] {
  return all.filter((one) => {
    const [, ...groups] = from.exec(one.from) ?? [undefined];
    if (!from.test(one.from)) return false;
    const allowed = mayUse.map(
      (pattern) => new RegExp(pattern.replace(/\$(\d)/g, (_, n) => groups[Number(n) - 1] ?? '')),
    );
    return !allowed.some((pattern) => pattern.test(one.to));
  });
}

function circles(names: readonly string[], all: readonly Import[]): string[][] {
  const next = new Map(
    names.map((name) => [name, all.filter(({ from }) => from === name).map(({ to }) => to)]),
  );
  const done = new Set<string>();
  const found: string[][] = [];
  const visit = (name: string, path: readonly string[]): void => {
    const seen = path.indexOf(name);
    if (seen >= 0) found.push([...path.slice(seen), name]);
    if (seen >= 0 || done.has(name)) return;
    for (const to of next.get(name) ?? []) visit(to, [...path, name]);
    done.add(name);
  };
  for (const name of names) visit(name, []);
  return found;
}
