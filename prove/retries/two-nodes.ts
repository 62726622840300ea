import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../support/client.js';
import { AppNode } from '../support/nodes.js';
import type { Random } from '../support/random.js';

/** Two nodes beside one database, of which now and then one is killed and comes back under its address. */
export class TwoNodes {
  kills = 0;
  #killing: Promise<void> | undefined;
  #isOver = false;

  private constructor(
    private readonly database: string,
    private readonly random: Random,
    private readonly nodes: [AppNode, AppNode],
    readonly clients: readonly [Client, Client],
  ) {}

  static async start(database: string, random: Random): Promise<TwoNodes> {
    const [one, other] = await Promise.all([AppNode.start({ database }), AppNode.start({ database })]);
    const clients = [new Client(one.url, 256), new Client(other.url, 256)] as const;
    return new TwoNodes(database, random, [one, other], clients);
  }

  /** One of the two, dead or alive. */
  get any(): Client {
    return this.random.oneOf(this.clients);
  }

  get said(): string {
    return this.nodes.map(({ stderr }) => stderr).join('');
  }

  /** From now on, until they are left alone. One of the two is always there. */
  killNowAndThen(): void {
    this.#killing = this.#kill();
  }

  /** Both are there afterwards. */
  async leaveAlone(): Promise<void> {
    this.#isOver = true;
    await this.#killing;
  }

  async stop(): Promise<void> {
    await this.leaveAlone();
    for (const client of this.clients) client.close();
    await Promise.all(this.nodes.map((node) => node.kill()));
  }

  async #kill(): Promise<void> {
    for (;;) {
      await sleep(500 + this.random.below(1_500));
      if (this.#isOver) return;
      const index = this.random.below(2);
      const { port } = this.nodes[index]!;
      await this.nodes[index]!.kill();
      this.kills++;
      this.nodes[index] = await AppNode.start({ database: this.database, port });
    }
  }
}
