import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DatabaseLoad } from '../database/database-load.js';
import type { JobLoop } from '../jobs/index.js';
import type { LoadShedding } from './load-shedding.js';
import type { LoopDelay } from './loop-delay.js';

const METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']);
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BOOKING = '/api/appointments';

/** What the numbers are read from when they are asked for. */
export interface Sources {
  load: DatabaseLoad;
  jobs: JobLoop;
  shedding: LoadShedding;
  loop: LoopDelay;
}

/**
 * Numbers about this node for Prometheus. Labels are route templates, statuses and codes: never an id, a name or an address,
 * and never so many that a client could fill the memory with them.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #registers = [this.#registry];

  readonly #requests = new Histogram({
    name: 'cybermed_http_request_duration_seconds',
    help: 'Answered requests, by how long they took.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: SECONDS,
    registers: this.#registers,
  });

  readonly #refusals = new Counter({
    name: 'cybermed_refusals_total',
    help: 'Problem documents answered, by their code.',
    labelNames: ['code'] as const,
    registers: this.#registers,
  });

  readonly #bookings = new Counter({
    name: 'cybermed_bookings_total',
    help: 'Requests that booked or scheduled an appointment, replays not counted.',
    registers: this.#registers,
  });

  constructor({ load, jobs, shedding, loop }: Sources) {
    this.#gauge('http_requests_in_flight', 'Requests being served.', () => shedding.inFlight);
    this.#gauge('event_loop_delay_seconds', 'How late the event loop is.', () => loop.latest / 1000);
    this.#gauge('writes_waiting', 'Units of work in the queue.', () => load.waiting);
    this.#gauge('writes_running', 'Units of work that hold a connection.', () => load.running);
    this.#gauge('pool_size', 'Most units of work that may hold a connection.', () => load.width);
    this.#gauge('pool_reads_running', 'Connections in use by reads.', () => load.reading);
    this.#gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
    this.#gauge('process_uptime_seconds', 'Age of the process.', () => process.uptime());
    const runs = new Gauge({
      name: 'cybermed_job_runs',
      help: 'Runs of jobs on this node since it started: done, failed, or left to the node that holds the lease.',
      labelNames: ['job', 'outcome'] as const,
      registers: this.#registers,
      collect: () => {
        for (const { job, outcome, count } of jobs.runs) runs.set({ job, outcome }, count);
      },
    });
  }

  observe(fastify: FastifyInstance): void {
    fastify.addHook('onResponse', async (request, reply) => this.#answered(request, reply));
  }

  async text(): Promise<{ type: string; body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  #answered({ method, routeOptions }: FastifyRequest, reply: FastifyReply): void {
    const labels = {
      method: METHODS.has(method) ? method : 'other',
      route: routeOptions.url ?? 'unknown',
      status: String(reply.statusCode),
    };
    this.#requests.observe(labels, reply.elapsedTime / 1000);
    if (reply.problem !== undefined) this.#refusals.inc({ code: reply.problem });
    const isBooking = method === 'POST' && routeOptions.url?.replace(/\/$/, '') === BOOKING;
    if (isBooking && reply.statusCode === 201 && !reply.hasHeader('Idempotency-Replayed'))
      this.#bookings.inc();
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `cybermed_${name}`,
      help,
      registers: this.#registers,
      collect() {
        this.set(read());
      },
    });
  }
}
