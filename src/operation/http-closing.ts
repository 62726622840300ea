import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';

const SWEEP_EVERY = 50;
/** Milliseconds for what runs when HTTP closes; no request of ours takes half of it. */
const FINISHES_WITHIN = 12_000;

/**
 * Nest closes databases before HTTP, so that requests in flight would lose theirs. This goes before all of it: it takes no
 * more connections, waits for what runs, and closes each connection as soon as it is idle.
 */
@Injectable()
export class HttpClosing implements OnModuleDestroy {
  constructor(private readonly host: HttpAdapterHost) {}

  async onModuleDestroy(): Promise<void> {
    const adapter: unknown = this.host.httpAdapter;
    if (!(adapter instanceof FastifyAdapter)) return;
    const { server } = adapter.getInstance();
    // A connection that was busy when the server closed would stay open for as long as its client likes.
    const sweeping = setInterval(() => server.closeIdleConnections(), SWEEP_EVERY);
    const cutting = setTimeout(() => {
      new Logger('Http').warn('requests that did not finish in time were cut');
      server.closeAllConnections();
    }, FINISHES_WITHIN);
    await adapter.close();
    clearInterval(sweeping);
    clearTimeout(cutting);
  }
}
