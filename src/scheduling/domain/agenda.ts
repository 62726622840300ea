import { TimeSlot } from './time-slot.js';

/** One person's occupied time, of which no two parts need be apart (absences may overlap). */
export class Agenda {
  static readonly EMPTY = new Agenda([]);
  readonly #slots: readonly TimeSlot[];
  readonly #longest: number;

  constructor(slots: Iterable<TimeSlot>) {
    this.#slots = [...slots].toSorted((a, b) => a.startsAt - b.startsAt);
    this.#longest = this.#slots.reduce((longest, slot) => Math.max(longest, slot.endsAt - slot.startsAt), 0);
  }

  isFree(slot: TimeSlot): boolean {
    // Nothing that starts earlier than the longest part before the slot can reach into it.
    for (let i = this.#firstFrom(slot.startsAt - this.#longest); i < this.#slots.length; i++) {
      const other = this.#slots[i]!;
      if (other.startsAt >= slot.endsAt) return true;
      if (other.overlaps(slot)) return false;
    }
    return true;
  }

  /** The same time, less one part that is exactly this slot; nothing changes where there is none. */
  without({ startsAt, endsAt }: TimeSlot): Agenda {
    const own = this.#slots.findIndex((slot) => slot.startsAt === startsAt && slot.endsAt === endsAt);
    return own < 0 ? this : new Agenda(this.#slots.toSpliced(own, 1));
  }

  #firstFrom(startsAt: number): number {
    let low = 0;
    let high = this.#slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#slots[middle]!.startsAt < startsAt) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
