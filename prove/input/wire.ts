import { Agent, request } from 'node:http';
import type { Request } from '../../test/support/client.js';
import type { Exchange } from '../../test/support/conformance.js';

const TIMEOUT = 60_000;
/** What `node:http` refuses to put into a request line, and a client that writes its own would send. */
const UNSENDABLE = /[^\x21-\xff]/g;

/** Sends requests as they are, over connections that stay open. */
export class Wire {
  readonly #agent: Agent;

  constructor(
    private readonly url: string,
    connections: number,
  ) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, timeout: 10_000 });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Undefined where the connection was closed without an answer, as it may be while a body is still sent. */
  send({ method = 'GET', url, payload, headers = {} }: Request): Promise<Exchange | undefined> {
    const isRaw = typeof payload === 'string' || Buffer.isBuffer(payload);
    const body =
      payload === undefined ? undefined : isRaw ? Buffer.from(payload) : Buffer.from(JSON.stringify(payload));
    const path = url.replaceAll(UNSENDABLE, (character) => encodeURIComponent(character.toWellFormed()));
    const { hostname, port } = new URL(this.url);
    return new Promise((resolve, reject) => {
      const outgoing = request({
        hostname,
        port,
        path,
        method,
        agent: this.#agent,
        timeout: TIMEOUT,
        headers: {
          ...(body !== undefined && !isRaw && { 'content-type': 'application/json' }),
          ...(body !== undefined && { 'content-length': body.length }),
          ...headers,
        },
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) =>
        ['ECONNRESET', 'EPIPE'].includes(error.code ?? '') ? resolve(undefined) : reject(error),
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => resolve(undefined));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = String(response.headers['content-type']).includes('json');
          resolve({
            method,
            url: path,
            // What was refused may be no JSON, or too deep for anybody's stack.
            requestBody: response.statusCode! < 300 ? parsed(body?.toString() ?? '') : undefined,
            status: response.statusCode!,
            headers: response.headers,
            body: isJson ? parsed(text) : text,
          });
        });
      });
      outgoing.end(body);
    });
  }
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
