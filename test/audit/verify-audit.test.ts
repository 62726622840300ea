import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock, MINUTE } from '#libs/kernel/clock.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { FileCheckpoints, readCheckpoints } from '../../src/audit/adapters/file-checkpoints.js';
import { HmacAuditSeals } from '../../src/audit/adapters/hmac-audit-seals.js';
import { TypeOrmAuditTrail } from '../../src/audit/adapters/typeorm-audit-trail.js';
import { TypeOrmAuditChain } from '../../src/audit/adapters/typeorm-audit-chain.js';
import { formOfBatch, type Checkpoint } from '../../src/audit/domain/audit-batch.js';
import { formOfRecord } from '../../src/audit/domain/audit-record.js';
import { AuditSeals } from '../../src/audit/ports.js';
import { AuditKeyReplaced, SealAudit } from '../../src/audit/use-cases/seal-audit.js';
import { VerifyAudit, type Verdict } from '../../src/audit/use-cases/verify-audit.js';
import { Users, type User } from '../../src/identity/index.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import { AUDIT_KEY } from '../support/audit-key.js';
import { onEachDatabase, type DatabaseKind } from '../support/databases.js';
import { scratchFolder } from '../support/folders.js';
import { aUser } from '../support/memory/people.js';

const TAMPERINGS: Record<DatabaseKind, number> = { sqlite: 1000, postgres: 100, mysql: 100 };
const BATCHES = 7;
const WAITING = 3;
/** That a column of batches can hold. */
const LOWEST = -(2 ** 31);

/** Numbers that are the same in every run. */
class Dice {
  constructor(private state: number) {}

  below(bound: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * bound);
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }

  two<T>(of: readonly T[]): [T, T] {
    const first = this.one(of);
    return [first, this.one(of.filter((other) => other !== first))];
  }

  id(): string {
    return `01900000-0000-7000-8000-${String(this.below(1e9)).padStart(12, '0')}`;
  }

  mac(): string {
    return Array.from({ length: 64 }, () => this.below(16).toString(16)).join('');
  }
}

interface Known {
  records: { id: string; batch: number | null }[];
}

type Sql = (...statements: string[]) => Promise<void>;
type Tampering = (sql: Sql, dice: Dice, known: Known) => Promise<void>;

const sealed = ({ records }: Known) => records.filter(({ batch }) => batch !== null);
const waiting = ({ records }: Known) => records.filter(({ batch }) => batch === null);
const COLUMNS =
  'recorded_at, action, outcome, actor_id, actor_role, entity_type, entity_id, patient_id, request_id, key_id, mac';
const copyOf = (id: string, as: string) =>
  `INSERT INTO audit_records (id, ${COLUMNS}) SELECT '${as}', ${COLUMNS} FROM audit_records WHERE id = '${id}'`;
const drop = (id: string) => [
  `DELETE FROM audit_records WHERE id = '${id}'`,
  `DELETE FROM audit_members WHERE record_id = '${id}'`,
];
const cutFrom = (number: number) => [
  `DELETE FROM audit_records WHERE id IN (SELECT record_id FROM audit_members WHERE batch >= ${number})`,
  `DELETE FROM audit_members WHERE batch >= ${number}`,
  `DELETE FROM audit_batches WHERE number >= ${number}`,
];
const edit = (dice: Dice, id: string) => {
  const field = dice.one([
    ['recorded_at', 'recorded_at + 1'],
    ['action', "'patient.change'"],
    ['outcome', "'failure'"],
    ['actor_id', `'${dice.id()}'`],
    ['actor_id', 'NULL'],
    ['actor_role', "'admin'"],
    ['entity_type', "'nothing'"],
    ['entity_id', `'${dice.id()}'`],
    ['patient_id', `'${dice.id()}'`],
    ['request_id', `'${dice.id()}'`],
    ['key_id', "'000000000000'"],
    ['mac', `'${dice.mac()}'`],
  ]);
  return `UPDATE audit_records SET ${field[0]} = ${field[1]} WHERE id = '${id}'`;
};

/** What somebody can do who has the database, and not the key. */
const WAYS: Record<string, Tampering> = {
  'edits a record': (sql, dice, known) => sql(edit(dice, dice.one(sealed(known)).id)),
  'edits a record that waits': (sql, dice, known) => sql(edit(dice, dice.one(waiting(known)).id)),
  'deletes a record': (sql, dice, known) =>
    sql(`DELETE FROM audit_records WHERE id = '${dice.one(known.records).id}'`),
  'deletes a record and its place': (sql, dice, known) => sql(...drop(dice.one(sealed(known)).id)),
  'deletes a record, its place, and corrects the count': (sql, dice, known) => {
    const { id, batch } = dice.one(sealed(known));
    return sql(...drop(id), `UPDATE audit_batches SET count = count - 1 WHERE number = ${batch}`);
  },
  'gives a record the seal and content of another': (sql, dice, known) => {
    const [one, other] = dice.two(sealed(known));
    return sql(`DELETE FROM audit_records WHERE id = '${one.id}'`, copyOf(other.id, one.id));
  },
  'gives a record another id': (sql, dice, known) => {
    const [{ id }, as] = [dice.one(sealed(known)), dice.id()];
    return sql(
      `UPDATE audit_records SET id = '${as}' WHERE id = '${id}'`,
      `UPDATE audit_members SET record_id = '${as}' WHERE record_id = '${id}'`,
    );
  },
  'moves a record to another batch': (sql, dice, known) => {
    const { id, batch } = dice.one(sealed(known));
    const to = (batch! % BATCHES) + 1;
    return sql(`UPDATE audit_members SET batch = ${to} WHERE record_id = '${id}'`);
  },
  'swaps two records of two batches': (sql, dice, known) => {
    const one = dice.one(sealed(known));
    const other = dice.one(sealed(known).filter(({ batch }) => batch !== one.batch));
    return sql(
      `UPDATE audit_members SET batch = ${other.batch} WHERE record_id = '${one.id}'`,
      `UPDATE audit_members SET batch = ${one.batch} WHERE record_id = '${other.id}'`,
    );
  },
  'inserts a copy': (sql, dice, known) => sql(copyOf(dice.one(known.records).id, dice.id())),
  'inserts a copy into a batch': (sql, dice, known) => {
    const [{ id, batch }, as] = [dice.one(sealed(known)), dice.id()];
    return sql(
      copyOf(id, as),
      `INSERT INTO audit_members (record_id, batch) VALUES ('${as}', ${batch})`,
      `UPDATE audit_batches SET count = count + 1 WHERE number = ${batch}`,
    );
  },
  'inserts a copy to be sealed': (sql, dice, known) => {
    const as = dice.id();
    return sql(copyOf(dice.one(known.records).id, as), `INSERT INTO audit_unsealed (id) VALUES ('${as}')`);
  },
  'inserts an empty id': (sql, dice, known) => sql(copyOf(dice.one(known.records).id, '')),
  'cuts off the end': (sql, dice) => sql(...cutFrom(1 + dice.below(BATCHES))),
  'cuts off the end, and what waits': (sql, dice) =>
    sql(
      ...cutFrom(1 + dice.below(BATCHES)),
      'DELETE FROM audit_records WHERE id IN (SELECT id FROM audit_unsealed)',
      'DELETE FROM audit_unsealed',
    ),
  'removes everything': (sql) =>
    sql(...['records', 'unsealed', 'batches', 'members'].map((name) => `DELETE FROM audit_${name}`)),
  'lets the end be sealed anew': (sql, dice) => {
    const from = 1 + dice.below(BATCHES);
    return sql(
      `INSERT INTO audit_unsealed (id) SELECT record_id FROM audit_members WHERE batch >= ${from}`,
      `DELETE FROM audit_members WHERE batch >= ${from}`,
      `DELETE FROM audit_batches WHERE number >= ${from}`,
    );
  },
  'forges a batch': (sql, dice, known) => {
    const as = dice.id();
    return sql(
      copyOf(dice.one(sealed(known)).id, as),
      `INSERT INTO audit_members (record_id, batch) VALUES ('${as}', ${BATCHES + 1})`,
      `INSERT INTO audit_batches (number, previous, count, sealed_at, key_id, mac)
       SELECT ${BATCHES + 1}, mac, 1, sealed_at, key_id, '${dice.mac()}' FROM audit_batches WHERE number = ${BATCHES}`,
    );
  },
  'forges a batch of what waits': (sql, dice) =>
    sql(
      `INSERT INTO audit_members (record_id, batch) SELECT id, ${BATCHES + 1} FROM audit_unsealed`,
      `INSERT INTO audit_batches (number, previous, count, sealed_at, key_id, mac)
       SELECT ${BATCHES + 1}, mac, ${WAITING}, sealed_at, key_id, '${dice.mac()}' FROM audit_batches WHERE number = ${BATCHES}`,
      'DELETE FROM audit_unsealed',
    ),
  'forges a batch before all others': (sql, dice, known) => {
    const as = dice.id();
    return sql(
      copyOf(dice.one(sealed(known)).id, as),
      `INSERT INTO audit_members (record_id, batch) VALUES ('${as}', ${LOWEST})`,
      `INSERT INTO audit_batches (number, previous, count, sealed_at, key_id, mac)
       SELECT ${LOWEST}, '', 1, sealed_at, key_id, '${dice.mac()}' FROM audit_batches WHERE number = 1`,
    );
  },
  'puts what waits before all batches': (sql, dice) =>
    sql(
      `INSERT INTO audit_members (record_id, batch) SELECT id, ${LOWEST} FROM audit_unsealed`,
      `INSERT INTO audit_batches (number, previous, count, sealed_at, key_id, mac)
       SELECT ${LOWEST}, '', ${WAITING}, sealed_at, key_id, '${dice.mac()}' FROM audit_batches WHERE number = 1`,
      'DELETE FROM audit_unsealed',
    ),
  'lets a record no longer wait': (sql, dice, known) =>
    sql(`DELETE FROM audit_unsealed WHERE id = '${dice.one(waiting(known)).id}'`),
  'edits a batch': (sql, dice) => {
    const number = 1 + dice.below(BATCHES);
    const [field, value] = dice.one([
      ['previous', `'${dice.mac()}'`],
      ['count', 'count + 1'],
      ['sealed_at', 'sealed_at - 1'],
      ['key_id', "'000000000000'"],
      ['mac', `'${dice.mac()}'`],
      ['number', 'number + 100'],
    ]);
    return sql(`UPDATE audit_batches SET ${field} = ${value} WHERE number = ${number}`);
  },
  'deletes a batch and leaves its records': (sql, dice) =>
    sql(`DELETE FROM audit_batches WHERE number = ${1 + dice.below(BATCHES)}`),
  'swaps two batches': (sql, dice) => {
    const [one, other] = dice.two(Array.from({ length: BATCHES }, (_, index) => index + 1));
    const renumber = (from: number, to: number) => [
      `UPDATE audit_batches SET number = ${to} WHERE number = ${from}`,
      `UPDATE audit_members SET batch = ${to} WHERE batch = ${from}`,
    ];
    return sql(...renumber(one, 1000), ...renumber(other, one), ...renumber(1000, other));
  },
  'takes a batch out and closes the gap': (sql, dice) => {
    const number = 1 + dice.below(BATCHES - 1);
    const closing = Array.from({ length: BATCHES - number }, (_, index) => number + 1 + index).flatMap(
      (next) => [
        `UPDATE audit_batches SET number = ${next - 1} WHERE number = ${next}`,
        `UPDATE audit_members SET batch = ${next - 1} WHERE batch = ${next}`,
      ],
    );
    return sql(
      `DELETE FROM audit_records WHERE id IN (SELECT record_id FROM audit_members WHERE batch = ${number})`,
      `DELETE FROM audit_members WHERE batch = ${number}`,
      `DELETE FROM audit_batches WHERE number = ${number}`,
      ...closing,
    );
  },
};

class Undone extends Error {}

/** Takes everybody's word for it. */
class Credulous extends AuditSeals {
  keyId = '';
  seal = () => ({ keyId: '', mac: '' });
  judge = () => 'right' as const;
}

onEachDatabase('verifying the audit trail', (kind) => {
  let running: TestApp;
  let transactions: TypeOrmTransactions;
  let checkpoints: string;
  let known: Known;
  const seals = new HmacAuditSeals(AUDIT_KEY);

  const record = () =>
    transactions.run(() =>
      running.app.get(AuditTrail, { strict: false }).record({
        action: 'patient.read',
        entity: { type: 'patient', id: 'c1' },
        patient: 'c1',
        by: { userId: 'd1', role: 'doctor' },
      }),
    );
  const seal = () => running.app.get(SealAudit, { strict: false }).execute();
  const verifier = (judge: AuditSeals = seals) =>
    new VerifyAudit(
      new TypeOrmAuditChain(transactions),
      judge,
      running.app.get(Users, { strict: false }),
      running.app.get(Clock, { strict: false }),
    );
  const verify = async (judge?: AuditSeals): Promise<Verdict> =>
    verifier(judge).execute(await readCheckpoints(checkpoints));

  beforeAll(async () => {
    running = await startApp({ database: kind });
    transactions = running.app.get(TypeOrmTransactions, { strict: false });
    checkpoints = join(running.config.dataDir, 'audit-checkpoints.log');
    for (let batch = 1; batch <= BATCHES; batch++) {
      for (let one = 0; one < 2 + batch; one++) await record();
      expect(await seal()).toBe(false);
    }
    for (let one = 0; one < WAITING; one++) await record();
    const records = await new TypeOrmAuditChain(transactions).recordsAfter(undefined, 1000);
    known = { records: records.map(({ record: { id }, batch }) => ({ id, batch })) };
    await transactions.run(async () => {
      // Whoever owns the tables owns their triggers.
      for (const sql of withoutTriggers(kind)) await transactions.manager.query(sql);
    });
  });
  afterAll(() => running?.close());

  /** What is found while the database is as the work leaves it. */
  async function whileChanged(change: (sql: Sql) => Promise<void>, judge?: AuditSeals): Promise<Verdict> {
    let verdict: Verdict | undefined;
    const undone = transactions.run(async () => {
      await change(async (...statements) => {
        for (const sql of statements) await transactions.manager.query(sql);
      });
      verdict = await verify(judge);
      throw new Undone();
    });
    await expect(undone).rejects.toBeInstanceOf(Undone);
    return verdict!;
  }

  test('finds nothing where nothing was changed', async () => {
    expect(await verify()).toEqual({
      records: known.records.length,
      batches: BATCHES,
      waiting: WAITING,
      checkpoints: BATCHES,
      untold: 0,
      findings: [],
    });
  });

  test(`finds each of ${TAMPERINGS[kind]} random tamperings`, { timeout: 300_000 }, async () => {
    const dice = new Dice(7);
    const names = Object.keys(WAYS);
    const missed: string[] = [];
    for (let turn = 0; turn < TAMPERINGS[kind]; turn++) {
      const name = names[turn % names.length]!;
      const { findings } = await whileChanged((sql) => WAYS[name]!(sql, dice, known));
      if (findings.length === 0) missed.push(name);
    }
    expect(missed).toEqual([]);
    expect((await verify()).findings).toEqual([]);
  });

  test('without seals many a tampering is missed (control)', async () => {
    const edited = await whileChanged(
      (sql) => sql(`UPDATE audit_records SET action = 'a.b'`),
      new Credulous(),
    );
    expect(edited.findings).toEqual([]);
  });

  test('who has the key rewrites a record and all seals after it; a checkpoint tells, and nothing else (control)', async () => {
    const rewritten = await whileChanged((sql) => rewriteLast(sql));
    expect(rewritten.findings).toEqual([
      `batch ${BATCHES} is another than the one of which a checkpoint tells`,
    ]);
    const kept = readFileSync(checkpoints, 'utf8');
    const lines = kept.trim().split('\n').slice(0, -1);
    writeFileSync(checkpoints, `${lines.join('\n')}\n`);
    try {
      expect((await whileChanged((sql) => rewriteLast(sql))).findings).toEqual([]);
    } finally {
      writeFileSync(checkpoints, kept);
    }
  });

  test('checkpoints that were cut beside a whole chain are told, also when a later one was added since', async () => {
    const kept = readFileSync(checkpoints, 'utf8');
    const lines = kept.trim().split('\n');
    try {
      for (const left of [lines.slice(0, 2), [...lines.slice(0, 2), lines.at(-1)!]]) {
        writeFileSync(checkpoints, `${left.join('\n')}\n`);
        expect(await verify()).toMatchObject({ untold: BATCHES - left.length, findings: [] });
      }
      writeFileSync(checkpoints, '');
      expect((await verify()).findings).toEqual([
        'there are no checkpoints: whether the end of the trail is missing cannot be told',
      ]);
    } finally {
      writeFileSync(checkpoints, kept);
    }
  });

  test('a trail that was emptied together with its checkpoints is told where there are accounts', async () => {
    const emptied = async (sql: Sql, account?: User) => {
      await WAYS['removes everything']!(sql, new Dice(1), known);
      if (account) await running.app.get(Users, { strict: false }).add(account);
    };
    const kept = readFileSync(checkpoints, 'utf8');
    writeFileSync(checkpoints, '');
    try {
      expect((await whileChanged((sql) => emptied(sql))).findings).toEqual([]);
      expect((await whileChanged((sql) => emptied(sql, aUser()))).findings).toEqual([
        expect.stringMatching(/^there are accounts, and nothing is recorded/),
      ]);
    } finally {
      writeFileSync(checkpoints, kept);
    }
  });

  test('what is deleted before it was sealed leaves no trace: a known limit', async () => {
    const { id } = waiting(known)[0]!;
    const gone = await whileChanged((sql) =>
      sql(...drop(id), `DELETE FROM audit_unsealed WHERE id = '${id}'`),
    );
    expect(gone.findings).toEqual([]);
  });

  test('an older backup is told by the checkpoints', async () => {
    const { findings } = await whileChanged((sql) => sql(...cutFrom(BATCHES)));
    expect(findings[0]).toMatch(
      /^batch 7, .* is gone: the end .* was cut off, or an older backup was restored$/,
    );
  });

  async function rewriteLast(sql: Sql): Promise<void> {
    const chain = new TypeOrmAuditChain(transactions);
    const [one] = sealed(known).filter(({ batch }) => batch === BATCHES);
    const found = (await chain.recordsAfter(undefined, 1000)).find(({ record: { id } }) => id === one!.id)!;
    const lie = { ...found.record, action: 'patient.change' };
    const { mac } = seals.seal(formOfRecord(lie));
    await sql(`UPDATE audit_records SET action = '${lie.action}', mac = '${mac}' WHERE id = '${lie.id}'`);
    const { keyId: _, mac: __, ...batch } = (await chain.last())!;
    const resealed = seals.seal(formOfBatch(batch, await chain.membersOf(BATCHES))).mac;
    await sql(`UPDATE audit_batches SET mac = '${resealed}' WHERE number = ${BATCHES}`);
  }
});

function withoutTriggers(kind: DatabaseKind): string[] {
  const tables = ['audit_records', 'audit_batches', 'audit_members'];
  if (kind === 'postgres') return tables.map((table) => `ALTER TABLE ${table} DISABLE TRIGGER ALL`);
  const names = kind === 'sqlite' ? ['update', 'delete', 'replace'] : ['update', 'delete'];
  return tables.flatMap((table) => names.map((name) => `DROP TRIGGER ${table}_no_${name}`));
}

describe('keys and checkpoints', () => {
  const form = 'what is sealed';

  test('a seal of an earlier key is known by that key, and no longer without it', () => {
    const sealedBefore = new HmacAuditSeals('b'.repeat(32)).seal(form);
    expect(new HmacAuditSeals('a'.repeat(32), ['b'.repeat(32)]).judge(form, sealedBefore)).toBe('right');
    expect(new HmacAuditSeals('a'.repeat(32)).judge(form, sealedBefore)).toBe('unknown-key');
    expect(new HmacAuditSeals('b'.repeat(32)).judge('something else', sealedBefore)).toBe('wrong');
  });

  function newFile(): string {
    const folder = scratchFolder('checkpoints');
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return join(folder, 'deep', 'audit-checkpoints.log');
  }

  async function all(file: string): Promise<(Checkpoint | string)[]> {
    const found: (Checkpoint | string)[] = [];
    for await (const one of (await readCheckpoints(file)) ?? []) found.push(one);
    return found;
  }

  const checkpoint = (batch: number): Checkpoint => ({ batch, mac: 'ab'.repeat(32), count: 3, at: 1 });

  test('checkpoints are added one after the other, and the last is known', async () => {
    const file = newFile();
    const kept = new FileCheckpoints(file);
    expect(await kept.last()).toBeUndefined();
    expect(await readCheckpoints(file)).toBeUndefined();
    for (const batch of [1, 2, 3]) await kept.append(checkpoint(batch));
    expect(await kept.last()).toEqual(checkpoint(3));
    expect(await all(file)).toEqual([1, 2, 3].map(checkpoint));
  });

  test('a line that a crash left unfinished is no tampering, and the next takes its place', async () => {
    const file = newFile();
    const kept = new FileCheckpoints(file);
    await kept.append(checkpoint(1));
    appendFileSync(file, '{"batch":2,"ma');
    expect(await all(file)).toEqual([checkpoint(1)]);
    expect(await kept.last()).toEqual(checkpoint(1));
    await kept.append(checkpoint(2));
    expect(await all(file)).toEqual([1, 2].map(checkpoint));
  });

  test('a line that is no checkpoint is told', async () => {
    const file = newFile();
    await new FileCheckpoints(file).append(checkpoint(1));
    appendFileSync(file, 'nothing\n{"batch":99999999999,"mac":"","count":1}\n');
    expect(await all(file)).toEqual([checkpoint(1), 'line 2 is no checkpoint', 'line 3 is no checkpoint']);
  });

  test('a crash between sealing and the checkpoint is made good by the next run', async () => {
    const running = await startApp();
    onTestFinished(() => running.close());
    const file = join(running.config.dataDir, 'audit-checkpoints.log');
    const transactions = running.app.get(TypeOrmTransactions, { strict: false });
    const sealing = running.app.get(SealAudit, { strict: false });
    const event = { action: 'a.b', entity: { type: 'a', id: 'b' } } as const;
    await transactions.run(() => running.app.get(AuditTrail, { strict: false }).record(event));
    await sealing.execute();
    rmSync(file);
    await sealing.execute();
    expect(await all(file)).toMatchObject([{ batch: 1, count: 1 }]);
    expect(
      await running.app.get(VerifyAudit, { strict: false }).execute(await readCheckpoints(file)),
    ).toMatchObject({
      findings: [],
    });
  });
});

describe('who has got hold of a key that was replaced', () => {
  const [before, unused, now] = ['b'.repeat(32), 'u'.repeat(32), 'n'.repeat(32)];
  const BEFORE = new HmacAuditSeals(before, [now]);
  const UNUSED = new HmacAuditSeals(unused);
  const NOW = new HmacAuditSeals(now, [before, unused]);

  /** A chain of one batch of each key, the key changed between the two. */
  async function changed() {
    const clock = new FixedClock(Date.parse('2030-01-07T07:00:00Z'));
    const running = await startApp({ clock });
    onTestFinished(() => running.close());
    const transactions = running.app.get(TypeOrmTransactions, { strict: false });
    const chain = new TypeOrmAuditChain(transactions);
    const file = join(running.config.dataDir, 'audit-checkpoints.log');
    const record = (seals: AuditSeals) =>
      transactions.run(() =>
        new TypeOrmAuditTrail(transactions, seals, clock).record({
          action: 'patient.read',
          entity: { type: 'patient', id: 'c1' },
        }),
      );
    const seal = (seals: AuditSeals) =>
      new SealAudit(transactions, chain, seals, new FileCheckpoints(file), clock).execute();
    const verify = async () => {
      const users = running.app.get(Users, { strict: false });
      return new VerifyAudit(chain, NOW, users, clock).execute(await readCheckpoints(file));
    };
    await record(BEFORE);
    await seal(BEFORE);
    await record(BEFORE);
    await record(NOW);
    await seal(NOW);
    const wait = (minutes: number) => clock.set(clock.now() + minutes * MINUTE);
    return { transactions, chain, clock, record, seal, verify, wait };
  }

  test('adds no record to the batches of the next: it waits, and is told', async () => {
    const { record, seal, verify, wait } = await changed();
    // What was recorded before the change was sealed with the first batch after it.
    expect(await verify()).toMatchObject({ records: 3, batches: 2, waiting: 0, findings: [] });
    wait(61);
    await record(BEFORE);
    await record(NOW);
    await seal(NOW);
    const { batches, waiting, findings } = await verify();
    expect([batches, waiting]).toEqual([3, 1]);
    expect(findings).toEqual([
      expect.stringMatching(/^record .* waits, and was recorded with a key that had been replaced$/),
    ]);
  });

  test('adds one within an hour, while nodes get the next key: a known limit (control)', async () => {
    const { record, seal, verify, wait } = await changed();
    wait(59);
    await record(BEFORE);
    await seal(NOW);
    expect(await verify()).toMatchObject({ batches: 3, waiting: 0, findings: [] });
  });

  test('adds none by a job that takes in whatever waits (control), without being told', async () => {
    const { transactions, chain, clock, record, verify, wait } = await changed();
    wait(61);
    await record(BEFORE);
    const last = (await chain.last())!;
    const members = (await chain.waiting(undefined, 10)).map(({ record: { id }, sealed: { mac } }) => ({
      id,
      mac,
    }));
    const batch = { number: 3, previous: last.mac, count: 1, sealedAt: clock.now() };
    const all = { ...batch, ...NOW.seal(formOfBatch(batch, members)) };
    await transactions.run(() =>
      chain.append(
        all,
        members.map(({ id }) => id),
      ),
    );
    expect((await verify()).findings).toEqual([
      expect.stringMatching(/^batch 3: record .* was recorded with a key that had been replaced$/),
    ]);
  });

  test('seals no batch by a job, which says so each time', async () => {
    const { record, seal, verify } = await changed();
    await record(BEFORE);
    await expect(seal(BEFORE)).rejects.toThrow(AuditKeyReplaced);
    expect(await verify()).toMatchObject({ batches: 2, waiting: 1, findings: [] });
  });

  test.each([
    ['had sealed others', BEFORE],
    ['had sealed none', UNUSED],
  ])('goes on with no chain by hand, also where the key %s', async (_, seals) => {
    const { transactions, chain, clock, record, verify } = await changed();
    await record(seals);
    const [one] = await chain.waiting(undefined, 1);
    const members = [{ id: one!.record.id, mac: one!.sealed.mac }];
    const batch = { number: 3, previous: (await chain.last())!.mac, count: 1, sealedAt: clock.now() };
    await transactions.run(() =>
      chain.append({ ...batch, ...seals.seal(formOfBatch(batch, members)) }, [one!.record.id]),
    );
    expect((await verify()).findings).toEqual(['batch 3 was sealed with a key that had been replaced']);
  });

  test('a record that is not as it was recorded is in no batch', async () => {
    const { transactions, chain, record, seal, verify } = await changed();
    await record(NOW);
    const [one] = await chain.waiting(undefined, 1);
    const forgery = [copyOf(one!.record.id, 'f'), `INSERT INTO audit_unsealed (id) VALUES ('f')`];
    await transactions.run(async () => {
      for (const sql of forgery) await transactions.manager.query(sql);
    });
    await seal(NOW);
    const { batches, waiting, findings } = await verify();
    expect([batches, waiting, findings]).toEqual([3, 1, ['record f is not as it was recorded']]);
  });
});
