import { connect, createServer, type Server, type Socket } from 'node:net';
import { atEnd } from './endings.js';

export type Cut = 'before the commit' | 'after the commit';

/**
 * A line to a database server on which some connections break at the worst moment: when COMMIT was sent and has not
 * arrived, or when it was done and its answer is on the way.
 */
export class UnsafeLine {
  readonly cuts: Record<Cut, number> = { 'before the commit': 0, 'after the commit': 0 };
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  /** Goes up while it is on: every so many commits one is cut. */
  every = Infinity;
  #commits = 0;

  private constructor(private readonly target: URL) {
    this.#server = createServer((near) => this.#join(near));
  }

  static async to(url: string): Promise<UnsafeLine> {
    const line = new UnsafeLine(new URL(url));
    await new Promise<void>((listening) => line.#server.listen(0, '127.0.0.1', listening));
    atEnd(() => line.close());
    return line;
  }

  /** The way to the same database over this line. */
  get url(): string {
    const { port } = this.#server.address() as { port: number };
    const url = new URL(this.target);
    url.host = `127.0.0.1:${port}`;
    return url.toString();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(near: Socket): void {
    const far = connect(Number(this.target.port), this.target.hostname);
    let isCutAfterAnswer = false;
    const cut = (how: Cut) => {
      this.cuts[how]++;
      near.destroy();
      far.destroy();
    };
    near.on('data', (chunk) => {
      const isCut = chunk.includes('COMMIT') && ++this.#commits % this.every === 0;
      const how = this.cuts['before the commit'] > this.cuts['after the commit'];
      if (isCut && !how) cut('before the commit');
      else {
        isCutAfterAnswer ||= isCut;
        far.write(chunk);
      }
    });
    far.on('data', (chunk) => (isCutAfterAnswer ? cut('after the commit') : near.write(chunk)));
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
