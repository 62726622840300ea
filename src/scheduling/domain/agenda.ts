import { TimeSlot } from './time-slot.js';

/** Time that can be asked whether a slot of it is free. */
export interface Occupied {
  isFree(slot: TimeSlot): boolean;
}

/** One person's occupied time, of which no two parts need be apart (absences may overlap). */
export class Agenda implements Occupied {
  static readonly EMPTY = new Agenda([]);
  /** Ascending and apart: what overlaps or touches is one. */
  readonly #parts: readonly TimeSlot[];

  constructor(slots: Iterable<TimeSlot>) {
    const parts: TimeSlot[] = [];
    for (const slot of [...slots].toSorted((a, b) => a.startsAt - b.startsAt)) {
      const last = parts.at(-1);
      if (last === undefined || last.endsAt < slot.startsAt) parts.push(slot);
      else if (last.endsAt < slot.endsAt) parts[parts.length - 1] = new TimeSlot(last.startsAt, slot.endsAt);
    }
    this.#parts = parts;
  }

  isFree(slot: TimeSlot): boolean {
    return this.#isFreeAt(this.#firstAfter(slot.startsAt), slot);
  }

  /** The same answers, found without searching while each slot asked for starts no earlier than the one before. */
  sweep(): Occupied {
    let next = 0;
    let last = Infinity;
    return {
      isFree: (slot) => {
        if (slot.startsAt < last) next = this.#firstAfter(slot.startsAt);
        else while (this.#parts[next] && this.#parts[next]!.endsAt <= slot.startsAt) next++;
        last = slot.startsAt;
        return this.#isFreeAt(next, slot);
      },
    };
  }

  /** The same time, and this slot. */
  with(slot: TimeSlot): Agenda {
    return new Agenda([...this.#parts, slot]);
  }

  /** The same time, less this one: what is taken out of the midst of touching parts leaves two. */
  without({ startsAt, endsAt }: TimeSlot): Agenda {
    return new Agenda(
      this.#parts.flatMap((part) => [
        ...(part.startsAt < startsAt ? [new TimeSlot(part.startsAt, Math.min(part.endsAt, startsAt))] : []),
        ...(part.endsAt > endsAt ? [new TimeSlot(Math.max(part.startsAt, endsAt), part.endsAt)] : []),
      ]),
    );
  }

  #isFreeAt(index: number, slot: TimeSlot): boolean {
    return !this.#parts[index]?.overlaps(slot);
  }

  /** The first part that ends after this instant. */
  #firstAfter(instant: number): number {
    let low = 0;
    let high = this.#parts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#parts[middle]!.endsAt <= instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
