import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOKS_EVERY = 200;

interface Backend {
  port: number;
  isReady: boolean;
  agent: Agent;
}

/**
 * What stands before several nodes: asks each whether it is ready, sends requests to those that are, in turn, and sends a
 * request to another node only if the first never got it, because it took no connection.
 */
export class Proxy {
  readonly #backends: Backend[];
  readonly #server: Server;
  #turn = 0;
  readonly #closing = new AbortController();

  private constructor(ports: readonly number[]) {
    this.#backends = ports.map((port) => ({ port, isReady: true, agent: new Agent({ keepAlive: true }) }));
    this.#server = createServer((incoming, answer) => void this.#serve(incoming, answer));
    for (const backend of this.#backends) void this.#watch(backend);
  }

  static async before(ports: readonly number[]): Promise<Proxy> {
    const proxy = new Proxy(ports);
    await new Promise<void>((listening) => proxy.#server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  isReady(port: number): boolean {
    return this.#backends.some((backend) => backend.port === port && backend.isReady);
  }

  close(): void {
    this.#closing.abort();
    this.#server.close();
    this.#server.closeAllConnections();
    for (const { agent } of this.#backends) agent.destroy();
  }

  async #watch(backend: Backend): Promise<void> {
    let silent = 0;
    for (; !this.#closing.signal.aborted; await sleep(LOOKS_EVERY, undefined, { ref: false })) {
      try {
        const path = `http://127.0.0.1:${backend.port}/health/ready/`;
        backend.isReady = (await fetch(path, { signal: AbortSignal.timeout(3000) })).ok;
        silent = 0;
      } catch {
        // It may only be slow: twice in a row is gone.
        if (++silent > 1) backend.isReady = false;
      }
    }
  }

  async #serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = Buffer.concat(await incoming.toArray());
    const ready = this.#backends.filter(({ isReady }) => isReady);
    const first = this.#turn++ % Math.max(ready.length, 1);
    let isBroken = false;
    for (const backend of [...ready.slice(first), ...ready.slice(0, first)]) {
      const outcome = await forward(backend, incoming, body, answer);
      if (outcome === 'answered') return;
      isBroken = outcome === 'broken';
      if (isBroken) break;
    }
    if (answer.headersSent) return void answer.destroy();
    answer.writeHead(502, { 'Content-Type': 'application/json' });
    answer.end(JSON.stringify({ code: isBroken ? 'node-broke-off' : 'no-node-is-ready' }));
  }
}

type Outcome = 'answered' | 'refused' | 'broken';

function forward(
  { port, agent }: Backend,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  answer: ServerResponse,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const outgoing = request({ host: '127.0.0.1', port, path: url, method, headers, agent }, (response) => {
      answer.writeHead(response.statusCode!, { ...response.headers, connection: 'keep-alive' });
      response.pipe(answer);
      response.on('end', () => resolve('answered'));
      response.on('error', () => resolve('broken'));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'broken'),
    );
    outgoing.end(body);
  });
}
