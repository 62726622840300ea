import { setTimeout as sleep } from 'node:timers/promises';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Clock, HOUR, MINUTE } from '#libs/kernel/clock.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { TokenTime } from '../../src/identity/adapters/token-time.js';
import { sessionSchema, TypeOrmSessions } from '../../src/identity/adapters/typeorm-sessions.js';
import type { Session } from '../../src/identity/domain/session.js';
import { Sessions, Tokens, Users } from '../../src/identity/ports.js';
import { Authenticate } from '../../src/identity/use-cases/authenticate.js';
import { startApp } from '../support/app.js';
import { Client, tally, type Answer } from '../support/client.js';
import { onEachDatabase, type DatabaseKind } from '../support/databases.js';
import { aSession, aUser } from '../support/memory/people.js';

/** A thousand of them are a proof of their own: `npm run prove -- sessions`. */
const REVOCATIONS = 25;
const TABS = 50;
/** With REFRESHES=10000 as the promise has it. */
const REFRESHES = Number(process.env['REFRESHES'] ?? 200);
const TIMEOUT = 60_000 + REVOCATIONS * 200 + REFRESHES * 50;

type Wire = (builder: TestingModuleBuilder) => TestingModuleBuilder;

/** Two nodes that share a database and nothing else, and a user who is signed in without a password. */
interface Nodes {
  nodes: readonly [Client, Client];
  signIn: () => Promise<{ access: string; refresh: string; session: string }>;
  stored: (session: string) => Promise<Session>;
  close: () => Promise<void>;
}

/** For one test. */
async function open(database: DatabaseKind, wire?: Wire): Promise<Nodes> {
  const clinic = await start(database, wire);
  onTestFinished(clinic.close);
  return clinic;
}

async function start(database: DatabaseKind, wire: Wire = (builder) => builder): Promise<Nodes> {
  const one = await startApp({ database, wire });
  const other = await startApp({ wire, env: { DATABASE_URL: one.url } });
  const { app } = one;
  const port = { strict: false };
  const transactions = app.get(TypeOrmTransactions, port);
  const [users, tokens, clock] = [app.get(Users, port), app.get(Tokens, port), app.get(Clock, port)];
  const sessions = new TypeOrmSessions(transactions);
  const user = aUser();
  await transactions.run(() => users.add(user));
  return {
    nodes: [new Client(app), new Client(other.app)],
    async signIn() {
      const at = { openedAt: clock.now(), refreshedAt: clock.now() };
      const session = aSession(user, { ...at, nonce: tokens.nonce() });
      await transactions.run(() => sessions.add(session));
      const access = await tokens.access({ userId: user.id, sessionId: session.id });
      return { access, refresh: tokens.refresh(session), session: session.id };
    },
    stored: async (id) => (await sessions.find(id))!,
    async close() {
      await other.close();
      await one.close();
    },
  };
}

const refresh = (node: Client, token: string) => node.post('/api/auth/login/refresh/', { refresh: token });
const isSignedIn = async (node: Client, access: string) =>
  (await node.with(access).get('/api/auth/me/')).status === 200;

/** One token from many tabs at once, half of them at each node. */
async function refreshedInTabs({ nodes, signIn }: Nodes) {
  const { refresh: token, session } = await signIn();
  const tabs = Array.from({ length: TABS }, (_, i) => refresh(nodes[i % 2]!, token));
  const answers = await Promise.all(tabs);
  const successors = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.refresh));
  return { answers, session, successors };
}

const withSessions =
  (adapter: new (transactions: TypeOrmTransactions) => Sessions): Wire =>
  (builder) =>
    builder.overrideProvider(Sessions).useFactory({
      factory: (transactions: TypeOrmTransactions) => new adapter(transactions),
      inject: [TypeOrmTransactions],
    });

/** Moves the counter whatever it is. */
class Incremented extends TypeOrmSessions {
  constructor(private readonly own: TypeOrmTransactions) {
    super(own);
  }

  override async advance(id: string, _: number, at: number): Promise<boolean> {
    const change = { counter: () => 'counter + 1', refreshedAt: at };
    await this.own.manager.update(sessionSchema, { id }, change);
    return true;
  }
}

/** Reads, and then writes what it has read. */
class ReadThenWritten extends TypeOrmSessions {
  constructor(private readonly own: TypeOrmTransactions) {
    super(own);
  }

  override async advance(id: string, counter: number, at: number): Promise<boolean> {
    const session = await this.find(id);
    if (session?.counter !== counter || session.endedAt !== null) return false;
    await sleep(3);
    await this.own.manager.update(
      sessionSchema,
      { id },
      { ...session, counter: counter + 1, refreshedAt: at },
    );
    return true;
  }
}

/** Lets a session go on whose token came back. */
class Endless extends TypeOrmSessions {
  override async end(): Promise<void> {}
}

/** Believes whatever is signed. */
const withTokensAlone: Wire = (builder) =>
  builder.overrideProvider(Authenticate).useValue({
    execute: async (claims: { userId: string; sessionId: string }) => ({ ...claims, role: 'patient' }),
  });

/** Answers what its owner got in exchange, after somebody else came with the same token. */
async function replayed({ nodes: [here, there], signIn }: Nodes) {
  const { refresh: stolen } = await signIn();
  const second = await refresh(here, stolen);
  const third = await refresh(there, second.body.refresh as string);
  expect((await refresh(here, stolen)).status).toBe(401);
  return third.body as { access: string; refresh: string };
}

/** How many tokens of a session are of use after its logout was answered, of all that were given out meanwhile. */
async function aliveAfterLogout({ nodes, signIn }: Nodes, round: number): Promise<number> {
  const [here, there] = round % 2 === 0 ? nodes : [nodes[1], nodes[0]];
  const first = await signIn();
  const given: { access: string; refresh: string }[] = [first];
  let isOut = false;
  const refreshing = async (): Promise<void> => {
    while (!isOut) {
      const { status, body } = await refresh(here, given.at(-1)!.refresh);
      if (status !== 200) return;
      given.push(body as { access: string; refresh: string });
    }
  };
  const refreshed = refreshing();
  // At another moment of the refreshes in each round.
  await sleep(round % 7);
  const { status } = await there.with(first.access).post('/api/auth/logout/');
  expect(status).toBe(204);
  const givenBefore = [...given];
  const used: Promise<boolean>[] = [];
  for (const node of nodes) {
    for (const { access } of givenBefore) used.push(isSignedIn(node, access));
    used.push(refresh(node, givenBefore.at(-1)!.refresh).then((answer: Answer) => answer.status === 200));
  }
  const alive = (await Promise.all(used)).filter(Boolean).length;
  isOut = true;
  await refreshed;
  // Those of refreshes that were under way.
  const late = given.slice(givenBefore.length);
  const stillGood = await Promise.all(late.map(({ access }) => isSignedIn(there, access)));
  return alive + stillGood.filter(Boolean).length;
}

async function roundsUntilAlive(clinic: Nodes): Promise<number | undefined> {
  for (let round = 0; round < REVOCATIONS; round++)
    if ((await aliveAfterLogout(clinic, round)) > 0) return round;
  return undefined;
}

onEachDatabase('Sessions at two nodes', (database) => {
  /** With no protection taken out. */
  let asTheyAre: Nodes;
  beforeAll(async () => {
    asTheyAre = await start(database);
  });
  afterAll(() => asTheyAre.close());

  describe('refreshing in many tabs at once', () => {
    test('gives one successor to all, and nobody is signed out', { timeout: TIMEOUT }, async () => {
      for (let sent = 0; sent < REFRESHES; sent += TABS) {
        const { answers, session, successors } = await refreshedInTabs(asTheyAre);
        expect(tally(answers)).toEqual({ 200: TABS });
        expect(successors.size).toBe(1);
        expect(await asTheyAre.stored(session)).toMatchObject({ counter: 1, endedAt: null });
        const next = await refresh(asTheyAre.nodes[0], [...successors][0] as string);
        expect(next.status).toBe(200);
      }
    });

    test('gives many where the counter is not compared (control)', { timeout: TIMEOUT }, async () => {
      const { successors } = await refreshedInTabs(await open(database, withSessions(Incremented)));
      expect(successors.size).toBeGreaterThan(1);
    });
  });

  describe('a token that comes back after its successor was used', () => {
    test('ends the session on every node', { timeout: TIMEOUT }, async () => {
      const { access, refresh: token } = await replayed(asTheyAre);
      for (const node of asTheyAre.nodes) {
        expect(await isSignedIn(node, access)).toBe(false);
        expect((await refresh(node, token)).status).toBe(401);
      }
    });

    test('changes nothing where sessions do not end (control)', { timeout: TIMEOUT }, async () => {
      const clinic = await open(database, withSessions(Endless));
      const { access, refresh: token } = await replayed(clinic);
      expect(await isSignedIn(clinic.nodes[1], access)).toBe(true);
      expect((await refresh(clinic.nodes[1], token)).status).toBe(200);
    });
  });

  describe('refreshing against logging out', () => {
    const options = { timeout: TIMEOUT };

    test(`leaves nothing that is accepted after the 204, ${REVOCATIONS} times`, options, async () => {
      expect(await roundsUntilAlive(asTheyAre)).toBeUndefined();
    });

    test('leaves the access token where its session is not asked (control)', options, async () => {
      expect(await roundsUntilAlive(await open(database, withTokensAlone))).toBeDefined();
    });

    // SQLite's units of work follow each other: there nothing comes between reading and writing.
    if (database === 'sqlite') return;
    test('opens the session again where it is read and then written (control)', options, async () => {
      expect(await roundsUntilAlive(await open(database, withSessions(ReadThenWritten)))).toBeDefined();
    });
  });
});

describe('an access token that was refused as too old', () => {
  /** Whether it is refused still, when the system's clock went an hour forth and came back. */
  async function isRevived(wire?: Wire): Promise<boolean> {
    const { nodes, signIn } = await open('sqlite', wire);
    const { now } = Date;
    onTestFinished(() => void (Date.now = now));
    const set = (offset: number): void => void (Date.now = () => now() + offset);
    const { access } = await signIn();
    expect(await isSignedIn(nodes[0], access)).toBe(true);
    set(HOUR);
    expect(await isSignedIn(nodes[0], access)).toBe(false);
    set(0);
    const isAccepted = await isSignedIn(nodes[0], access);
    // Not because everything is refused: who signs in now is let in, and for no longer than ten minutes.
    const { access: next } = await signIn();
    expect(await isSignedIn(nodes[0], next)).toBe(true);
    set(HOUR + 11 * MINUTE);
    expect(await isSignedIn(nodes[0], next)).toBe(false);
    set(11 * MINUTE);
    return isAccepted || (await isSignedIn(nodes[0], next));
  }

  test('stays so when the clock is set an hour back', async () => {
    expect(await isRevived()).toBe(false);
  });

  test('is revived where it is judged by the clock as it stands (control)', async () => {
    const asItStands: Wire = (builder) =>
      builder.overrideProvider(TokenTime).useValue({ now: () => Date.now() });
    expect(await isRevived(asItStands)).toBe(true);
  });
});
