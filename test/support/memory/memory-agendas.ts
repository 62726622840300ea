import { Agendas } from '../../../src/scheduling/ports.js';

/** Units of work in memory follow each other, so each holds every agenda. */
export class MemoryAgendas extends Agendas {
  async lock(): Promise<void> {}
}
