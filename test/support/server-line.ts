import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

interface Cut {
  statement: RegExp;
  when: 'before' | 'after';
  made: () => void;
}

/** The line between an application and its database server, which a test cuts where it hurts. */
export class ServerLine {
  readonly #server = createServer((client) => this.#join(client));
  readonly #sockets = new Set<Socket>();
  #cut: Cut | undefined;

  private constructor(
    private readonly to: URL,
    /** For `DATABASE_URL`. */
    readonly url: string,
  ) {}

  static async to(database: string): Promise<ServerLine> {
    const through = new URL(database);
    const line = new ServerLine(new URL(database), database);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    through.port = String((line.#server.address() as { port: number }).port);
    return Object.assign(line, { url: through.toString() });
  }

  /** Cuts once: before the server sees the statement, or after it has answered but before the answer is seen. */
  cutAt(statement: RegExp, when: Cut['when']): Promise<void> {
    return new Promise((made) => (this.#cut = { statement, when, made }));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    const server = connect(Number(this.to.port), this.to.hostname);
    let cutAtAnswer: Cut | undefined;
    const cut = ({ made }: Cut): void => {
      client.destroy();
      server.destroy();
      made();
    };
    client.on('data', (chunk) => {
      const due = this.#cut?.statement.test(chunk.toString('latin1')) ? this.#cut : undefined;
      if (due !== undefined) this.#cut = undefined;
      if (due?.when === 'before') return cut(due);
      cutAtAnswer = due;
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (cutAtAnswer === undefined) client.write(chunk);
      else cut(cutAtAnswer);
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
