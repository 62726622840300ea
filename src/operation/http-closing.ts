import type { Socket } from 'node:net';
import { Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';

const SWEEP_EVERY = 50;
/** Milliseconds for what runs when HTTP closes; no request of ours takes half of it. */
const FINISHES_WITHIN = 12_000;

/**
 * Nest closes databases before HTTP, so that requests in flight would lose theirs. This goes before all of it: it takes no
 * more connections, waits for what runs, and closes each connection as soon as it is idle.
 */
export class HttpClosing implements OnModuleInit, OnModuleDestroy {
  readonly #connections = new Set<Socket>();

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly patience = FINISHES_WITHIN,
  ) {}

  onModuleInit(): void {
    this.#adapter?.getInstance().server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
  }

  async onModuleDestroy(): Promise<void> {
    const adapter = this.#adapter;
    if (adapter === undefined) return;
    const { server } = adapter.getInstance();
    // A connection that was busy when the server closed would stay open for as long as its client likes.
    const sweeping = setInterval(() => {
      server.closeIdleConnections();
      // Node takes one that has never sent anything for busy.
      for (const socket of this.#connections) if (socket.bytesRead === 0) socket.destroy();
    }, SWEEP_EVERY);
    const cutting = setTimeout(() => {
      new Logger('Http').warn('requests that did not finish in time were cut');
      server.closeAllConnections();
    }, this.patience);
    await adapter.close();
    clearInterval(sweeping);
    clearTimeout(cutting);
  }

  /** None where the application runs without HTTP, as for the demo. */
  get #adapter(): FastifyAdapter | undefined {
    const adapter: unknown = this.host.httpAdapter;
    return adapter instanceof FastifyAdapter ? adapter : undefined;
  }
}
