import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** What came back over one connection. */
export interface Heard {
  /** Of each answer, in order. */
  statuses: number[];
  text: string;
  /** The body of the last answer, where it is JSON. */
  body: any;
  /** By the server. */
  closed: boolean;
  milliseconds: number;
}

/** The port of an application that listens from now on. */
export async function portOf({ app }: { app: NestFastifyApplication }): Promise<number> {
  const url = await app.getHttpAdapter().getInstance().listen({ port: 0, host: '127.0.0.1' });
  return Number(new URL(url).port);
}

/**
 * Writes these bytes over a connection of its own, with a pause of so many milliseconds where a number stands, and listens
 * until the server closes it, or for `within` milliseconds.
 */
export async function say(
  port: number,
  parts: readonly (string | Buffer | number)[],
  within = 3000,
): Promise<Heard> {
  const began = performance.now();
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  let closed = false;
  socket.on('data', (chunk) => chunks.push(chunk));
  const closing = new Promise<void>((resolve) => {
    socket.on('error', () => {});
    socket.on('end', () => (closed = true));
    socket.on('close', () => {
      closed = true;
      resolve();
    });
  });
  const giveUp = new AbortController();
  void spoken(socket, parts);
  await Promise.race([closing, sleep(within, undefined, { signal: giveUp.signal }).catch(() => {})]);
  giveUp.abort();
  const milliseconds = performance.now() - began;
  const heard = closed;
  socket.destroy();
  const text = Buffer.concat(chunks).toString('latin1');
  return { text, statuses: statusesIn(text), body: bodyOf(text), closed: heard, milliseconds };
}

async function spoken(socket: Socket, parts: readonly (string | Buffer | number)[]): Promise<void> {
  for (const part of parts) {
    if (socket.destroyed) return;
    if (typeof part === 'number') await sleep(part);
    else socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
  }
}

function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.lastIndexOf('\r\n\r\n') + 4)) as unknown;
  } catch {
    return undefined;
  }
}

/** A request with a Host, and its body as it is given. */
export function requestOf(line: string, headers: readonly string[] = [], body = ''): string {
  return [`${line} HTTP/1.1`, 'Host: localhost', ...headers, '', body].join('\r\n');
}
