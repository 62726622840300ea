import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InjectOptions } from 'fastify';
import { DEMO_PASSWORD } from '../../src/demo/people.js';
import { Conformance } from './conformance.js';

export type Request = Omit<InjectOptions, 'url'> & { url: string };

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: any;
}

/**
 * Speaks to the application as a client would; a body is sent as JSON. Every exchange is held against the OpenAPI
 * document.
 */
export class Client {
  constructor(
    private readonly app: NestFastifyApplication,
    private readonly token?: string,
  ) {}

  /** The same application, seen by a demo account, such as `lena.fischer`. */
  async as(name: string): Promise<Client> {
    return this.logIn(`${name}@demo.cybermed.example`, DEMO_PASSWORD);
  }

  async logIn(email: string, password: string): Promise<Client> {
    const { status, body } = await this.post('/api/auth/login/', { email, password });
    if (status !== 200) throw new Error(`${email} cannot log in: ${status}`);
    return this.with(body.access as string);
  }

  /** The same application, seen by the bearer of this access token. */
  with(token: string): Client {
    return new Client(this.app, token);
  }

  get(url: string): Promise<Answer> {
    return this.send({ method: 'GET', url });
  }

  post(url: string, payload?: object): Promise<Answer> {
    return this.send({ method: 'POST', url, ...(payload && { payload }) });
  }

  put(url: string, payload: object, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send({ method: 'PUT', url, payload, headers });
  }

  delete(url: string): Promise<Answer> {
    return this.send({ method: 'DELETE', url });
  }

  patch(url: string, payload: object): Promise<Answer> {
    return this.send({ method: 'PATCH', url, payload });
  }

  async send({ headers, ...request }: Request): Promise<Answer> {
    const authorization = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    const response = await this.app.inject({ ...request, headers: { ...authorization, ...headers } });
    const answer: Answer = {
      status: response.statusCode,
      headers: response.headers,
      body: parsed(response.body, String(response.headers['content-type']).includes('json')),
    };
    Conformance.of(this.app).check({
      ...answer,
      method: request.method ?? 'GET',
      url: request.url,
      requestBody: parsed(request.payload, true),
    });
    return answer;
  }
}

/** How many of the answers have which status. */
export function tally(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** JSON text as its value, anything else as it is; nothing for an empty text that was to be JSON. */
function parsed(body: unknown, isJson: boolean): unknown {
  const text = Buffer.isBuffer(body) ? body.toString() : body;
  if (!isJson || typeof text !== 'string') return text;
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
