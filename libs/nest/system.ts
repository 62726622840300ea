import { v7 } from 'uuid';
import { Clock } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';

export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }
}

export class UuidIds extends Ids {
  next(): string {
    return v7();
  }
}
