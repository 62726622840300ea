import { Pool } from 'undici';

/** As much of an answer as counts: a generator that reads more would be slower than the server it is to overload. */
export interface Brief {
  status: number;
  /** Whether it says when to come again. */
  retryAfter: boolean;
}

interface Sent {
  method: 'GET' | 'PATCH';
  path: string;
  token?: string;
  body?: string;
}

/** A client waits no longer than that for anything. */
const TIMEOUT = 30_000;

/** Requests over so many connections at the most; what comes meanwhile waits here for one. */
export class LeanClient {
  readonly #pool: Pool;

  constructor(url: string, connections: number) {
    this.#pool = new Pool(url, {
      connections,
      pipelining: 1,
      headersTimeout: TIMEOUT,
      bodyTimeout: TIMEOUT,
      // Closed before the node does it.
      keepAliveTimeout: 4000,
    });
  }

  /** Rejects where no answer comes. */
  send({ method, path, token, body }: Sent): Promise<Brief> {
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    return new Promise((resolve, reject) => {
      let brief: Brief;
      this.#pool.dispatch(
        { method, path, headers, body: body ?? null },
        {
          onRequestStart: () => {},
          onResponseStart: (_controller, status, received) => {
            brief = { status, retryAfter: received['retry-after'] !== undefined };
          },
          onResponseData: () => {},
          onResponseEnd: () => resolve(brief),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
