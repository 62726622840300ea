import { expect, test } from 'vitest';
import { leaksIn, type Held } from '../../prove/input/growth.js';

/** Forty looks at a memory of 60 MiB in a process of 190, which has grown by so much at each. */
const looks = (grown: (look: number) => Partial<Held>): Held[] =>
  Array.from({ length: 40 }, (_, look) => {
    const { heap = 0, resident = 0 } = grown(look);
    return { heap: 60 + heap, resident: 190 + resident };
  });

test('a memory that moves, warms up, or is high for a moment is flat', () => {
  expect(leaksIn(looks((look) => ({ heap: (look % 3) * 4, resident: (look % 5) * 15 })))).toEqual([]);
  expect(leaksIn(looks((look) => ({ heap: Math.min(look, 9) * 4 })))).toEqual([]);
  expect(leaksIn(looks((look) => (look > 35 ? { heap: 300, resident: 300 } : {})))).toEqual([]);
});

test('a memory that grows on and on leaks, on the heap or beside it', () => {
  expect(leaksIn(looks((look) => ({ heap: look / 2 })))).toEqual([
    'the heap memory grew from 67.5 to 77.5 MiB',
  ]);
  expect(leaksIn(looks((look) => ({ resident: look * 4 })))).toHaveLength(1);
});
