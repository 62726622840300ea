import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Role } from '../src/identity/index.js';
import type { Request } from '../test/support/client.js';
import { Conformance, type Exchange } from '../test/support/conformance.js';
import { hostile, mutated } from '../test/support/hostile-requests.js';
import { operationsOf, type OperationAt } from '../test/support/operations.js';
import { requestOf, say } from '../test/support/raw.js';
import { Attackers } from './input/attackers.js';
import { ends, leaksIn, type Held } from './input/growth.js';
import { Wire } from './input/wire.js';
import { faultsIn } from './support/checks.js';
import { Client } from './support/client.js';
import { databaseKinds, freshDatabase, type DatabaseKind } from './support/databases.js';
import { networks } from './support/networks.js';
import { AppNode, PRODUCT } from './support/nodes.js';
import { Random } from './support/random.js';
import { quantile, table, tally, type Figures } from './support/table.js';

const WITHOUT_VALIDATION = fileURLToPath(new URL('input/without-validation.js', import.meta.url));
const KEEPS_REQUESTS = fileURLToPath(new URL('input/keeps-requests.js', import.meta.url));
const DOCUMENT = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../docs/openapi.json', import.meta.url)), 'utf8'),
) as OpenAPIObject;

const AT_ONCE = 8;
/** Every so many requests one is bytes that may be no request at all. */
const RAW_EVERY = 50;
/** Milliseconds after which bytes that ask for nothing more are given up. */
const PATIENCE = 200;
const MOST_FAULTS = 20;
const MOST_OF_A_CONTROL = 5_000;
/** What an address is told that clients would tidy into another. */
const NOWHERE = [400, 401, 403, 404, 405, 431];
const MIB = 2 ** 20;
/** At a memory that is judged. */
const LOOKS = 40;
/** Before so many requests the memory has not found its size. */
const WARM = 10_000;
/** What they answer with success ends an account, or its password. */
const ENDS = ['/api/auth/me/close/', '/api/auth/password/change/'];

interface Options {
  requests: number;
  minutes: number;
  seed: number;
  /** The first fault is enough. */
  once?: boolean;
  /** How often the memory is looked at. */
  looks?: number;
}

interface Attack {
  figures: Figures;
  faults: string[];
  held: Held[];
}

interface Hostile {
  request: Request;
  role: Role | undefined;
  isAnEnd: boolean;
}

/**
 * `input [--requests 200000] [--minutes …] [--seed …] [--databases sqlite]`
 *
 * Input cannot crash it: hostile requests to every operation of the OpenAPI document, made from one seed, by somebody
 * of each role and by nobody. No answer may be one that the document does not declare, the memory stays flat, and the
 * clinic is whole afterwards. Its controls are the same without validation, which must find a fault, and one that keeps what it
 * was asked, whose memory must be seen to grow.
 */
export async function prove(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      requests: { type: 'string', default: '200000' },
      minutes: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      databases: { type: 'string', default: 'sqlite' },
    },
  });
  const options = {
    requests: Number(values.requests),
    minutes: Number(values.minutes),
    seed: Number(values.seed),
  };
  console.log(`Requests on each database: ${options.requests}. Seed: ${options.seed}.`);
  const faults: string[] = [];
  for (const kind of databaseKinds(values.databases)) {
    const isLong = options.requests >= 4 * WARM;
    const product = await attack(kind, PRODUCT, { ...options, ...(isLong && { looks: LOOKS }) });
    if (product === undefined) {
      console.log(`${kind} is left out: there is no server.`);
      continue;
    }
    console.log(table([product.figures]));
    faults.push(...product.faults.map((fault) => `${kind}: ${fault}`));
    const control = await attack(kind, WITHOUT_VALIDATION, {
      ...options,
      requests: MOST_OF_A_CONTROL,
      once: true,
    });
    const [found] = control!.faults;
    if (found === undefined)
      faults.push(`${kind}: the control, without validation, shows no fault: the proof proves nothing`);
    else console.log(`Control on ${kind}, without validation: ${found.split('\n')[0]}`);
    if (Number(product.figures['requests']) < 4 * WARM) {
      console.log('Too few requests to judge the memory.');
      continue;
    }
    faults.push(...leaksIn(product.held).map((leak) => `${kind}: ${leak}`));
    const leaking = await attack(kind, KEEPS_REQUESTS, {
      ...options,
      requests: MOST_OF_A_CONTROL,
      looks: LOOKS,
    });
    const [leak] = leaksIn(leaking!.held);
    if (leak === undefined)
      faults.push(`${kind}: the control, which keeps all requests, shows no leak: the proof proves nothing`);
    else console.log(`Control on ${kind}, which keeps all requests: ${leak}`);
  }
  if (faults.length > 0) throw new Error(`The promise is broken:\n${faults.join('\n')}`);
  console.log('Every answer was a declared one, and the clinic was whole afterwards.');
}

async function attack(kind: DatabaseKind, entry: string, options: Options): Promise<Attack | undefined> {
  const database = await freshDatabase(kind);
  if (database === undefined) return undefined;
  const env = { DEMO: 'true', METRICS: 'on', TRUSTED_PROXY_HOPS: '1', LOG_LEVEL: 'silent' };
  const node = await AppNode.start({ database: database.url, entry, env });
  // Those who attack use up what their own network may try.
  const client = new Client(node.url, 4, networks());
  const wire = new Wire(node.url, AT_ONCE);
  const run = new Run(node, wire, new Attackers(client, database), options);
  await run.all();
  const faults = [...run.faults];
  if (!node.isAlive) faults.push(`the node ended: ${node.stderr.slice(-2000)}`);
  else if (!options.once) {
    if ((await client.get('/health/ready/')).status !== 200) faults.push('the node is not ready afterwards');
    faults.push(...(await faultsIn(database)));
  }
  client.close();
  wire.close();
  await node.stop();
  await database.drop();
  return { figures: { database: kind, ...run.figures() }, faults, held: run.held };
}

class Run {
  readonly faults: string[] = [];
  readonly held: Held[] = [];
  readonly #conformance = new Conformance(DOCUMENT);
  readonly #statuses: string[] = [];
  readonly #milliseconds: number[] = [];
  readonly #deadline: number;
  readonly #requests: Generator<Hostile, never>;
  readonly #random: Random;
  #sent = 0;
  #unanswered = 0;
  #seconds = 0;

  constructor(
    private readonly node: AppNode,
    private readonly wire: Wire,
    private readonly attackers: Attackers,
    private readonly options: Options,
  ) {
    this.#deadline = Date.now() + options.minutes * 60_000;
    this.#requests = endless(operationsOf(DOCUMENT), options.seed);
    this.#random = new Random(options.seed);
  }

  async all(): Promise<void> {
    const began = performance.now();
    const { requests, looks = 0 } = this.options;
    for (let look = 1; look <= looks && !this.#isOver; look++) {
      await this.#until((requests * look) / looks);
      const memory = this.node.isAlive ? await this.node.memory() : undefined;
      if (memory !== undefined)
        this.held.push({ heap: (memory.heapUsed + memory.external) / MIB, resident: memory.rss / MIB });
    }
    await this.#until(requests);
    this.#seconds = (performance.now() - began) / 1000;
  }

  figures(): Figures {
    const { early, late } = ends(this.held);
    const mebibytes = (kind: keyof Held) => `${early[kind].toFixed(1)}, ${late[kind].toFixed(1)}`;
    return {
      requests: this.#sent,
      'by status': tally(this.#statuses),
      'closed without an answer': this.#unanswered,
      'p99 ms': quantile(this.#milliseconds, 0.99),
      'slowest ms': quantile(this.#milliseconds, 1),
      seconds: Math.round(this.#seconds),
      ...(this.held.length > 0 && {
        'MiB of the heap, second and last quarter': mebibytes('heap'),
        '… of the process': mebibytes('resident'),
      }),
      faults: this.faults.length,
    };
  }

  get #isOver(): boolean {
    const most = this.options.once ? 1 : MOST_FAULTS;
    return this.faults.length >= most || !this.node.isAlive || Date.now() > this.#deadline;
  }

  async #until(count: number): Promise<void> {
    const oneAfterAnother = async () => {
      while (this.#sent < count && !this.#isOver) {
        this.#sent++;
        await (this.#sent % RAW_EVERY === 0 ? this.#sendBytes() : this.#sendNext());
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, oneAfterAnother));
  }

  async #sendNext(): Promise<void> {
    const { request, role, isAnEnd } = this.#requests.next().value;
    const attacker = role && this.attackers.of(role, isAnEnd);
    const token = await attacker?.token();
    const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...request.headers };
    const began = performance.now();
    const exchange = await this.#exchanged({ ...request, headers });
    if (exchange === undefined) return;
    this.#milliseconds.push(performance.now() - began);
    this.#statuses.push(String(exchange.status));
    const isOwnToken = request.headers?.['authorization'] === undefined;
    if (isOwnToken && exchange.status === 401) attacker?.distrust(token!);
    this.#judge(exchange, sentText(request));
  }

  async #exchanged(request: Request): Promise<Exchange | undefined> {
    try {
      const exchange = await this.wire.send(request);
      if (exchange === undefined) this.#unanswered++;
      return exchange;
    } catch (error) {
      // What a client of Node's refuses to send needs no answer.
      if (
        !/^ERR_(INVALID_CHAR|UNESCAPED|HTTP_INVALID|INVALID_HTTP)/.test(
          (error as { code?: string }).code ?? '',
        )
      )
        this.faults.push(`${request.method} ${request.url.slice(0, 200)}: ${String(error)}`);
      return undefined;
    }
  }

  #judge(exchange: Exchange, sent: string): void {
    const what = `${exchange.method} ${exchange.url.slice(0, 200)} ${sent.slice(0, 300)}`;
    if (exchange.status >= 500 && exchange.status !== 503) this.faults.push(`${exchange.status}: ${what}`);
    else if (isTwisted(exchange.url)) {
      if (!NOWHERE.includes(exchange.status)) this.faults.push(`${exchange.status} for no address: ${what}`);
    } else {
      try {
        this.#conformance.check(exchange);
      } catch (fault) {
        this.faults.push(`${(fault as Error).message.slice(0, 600)}\n  ${what}`);
      }
    }
  }

  /** Requests that are broken as HTTP. */
  async #sendBytes(): Promise<void> {
    const { request } = this.#requests.next().value;
    const body = sentText(request);
    const headers = ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
    const right = requestOf(`${request.method} ${request.url}`, headers, body);
    const bytes = mutated(Buffer.from(right.slice(0, 20_000)), this.#random);
    const { statuses } = await say(this.node.port, [bytes], PATIENCE);
    this.#statuses.push(...statuses.map((status) => `raw ${status}`));
    if (statuses.some((status) => status >= 500 && status !== 503))
      this.faults.push(
        `bytes were answered ${statuses.join(', ')}: ${JSON.stringify(bytes.toString('latin1').slice(0, 300))}`,
      );
  }
}

/** Whether clients would tidy up this path before they send it; our server takes it as it is. */
function isTwisted(url: string): boolean {
  const [path] = /^[^?#]*/.exec(url)!;
  return /\/(\.|%2e){1,2}(\/|$)|\\/i.test(path);
}

function sentText({ payload }: Request): string {
  if (payload === undefined) return '';
  return typeof payload === 'string' || Buffer.isBuffer(payload)
    ? payload.toString()
    : JSON.stringify(payload);
}

/** All that is sent to each operation, in any order, by somebody of each role that may call it, one who may not, and nobody. */
function* endless(operations: readonly OperationAt[], seed: number): Generator<Hostile, never> {
  const roles: Role[] = ['patient', 'doctor', 'admin'];
  const random = new Random(seed);
  for (let begin = seed; ; begin += operations.length) {
    const all = operations.flatMap((operation, i) =>
      [...hostile(operation, begin + i)].map((request) => ({ request, operation })),
    );
    for (const { request, operation } of random.inAnyOrder(all)) {
      const mayCall = operation.roles ?? roles;
      const role = random.below(10) < 8 ? random.oneOf(mayCall) : random.oneOf([...roles, undefined]);
      yield { request, role, isAnEnd: ENDS.includes(operation.path) };
    }
  }
}
