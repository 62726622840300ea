import { MINUTE, type Instant } from '#libs/kernel/clock.js';
import type { WallMinutes } from './calendar.js';
import { TimeSlot } from './time-slot.js';

/** A part of a stretch in which the clocks keep one distance to UTC. */
export interface StretchPart {
  from: Instant;
  until: Instant;
  /** The instant at which these clocks would show midnight of the date. */
  midnight: Instant;
}

/**
 * The instants of one date whose wall time lies in an interval: what one conversion of a zone finds out, so that all
 * questions about the interval are additions. On an ordinary day it is one part; none or a shorter one around a gap; two
 * that may touch around a fold.
 */
export class Stretch {
  /** The fewest intervals, ascending. */
  readonly spans: readonly TimeSlot[];

  constructor(private readonly parts: readonly StretchPart[]) {
    const spans: TimeSlot[] = [];
    for (const { from, until } of parts) {
      const last = spans.at(-1);
      if (last?.endsAt === from) spans[spans.length - 1] = new TimeSlot(last.startsAt, until);
      else spans.push(new TimeSlot(from, until));
    }
    this.spans = spans;
  }

  /** The first instant at which the clocks show this; undefined if they do not in this stretch. */
  instantOf(time: WallMinutes): Instant | undefined {
    for (const { from, until, midnight } of this.parts) {
      const instant = midnight + time * MINUTE;
      if (from <= instant && instant < until) return instant;
    }
    return undefined;
  }

  contains(slot: TimeSlot): boolean {
    return this.spans.some((span) => span.contains(slot));
  }
}
