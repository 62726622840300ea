/** Mebibytes that a node held at one moment of a run, when what nobody needs was thrown away. */
export interface Held {
  /** By the program: objects, and buffers beside them. */
  heap: number;
  /** By the process, with what its libraries and the allocator keep. */
  resident: number;
}

const KINDS = ['heap', 'resident'] as const;
/** Within these a memory that has found its size moves. */
const MAY_GROW: Held = { heap: 8, resident: 64 };

/** The median of the second quarter of a run and that of the last; the first quarter is for warming up. */
export function ends(held: readonly Held[]): Record<'early' | 'late', Held> {
  const part = (from: number, to: number): Held => {
    const moments = held.slice(Math.floor(held.length * from), Math.ceil(held.length * to));
    return { heap: median(moments, 'heap'), resident: median(moments, 'resident') };
  };
  return { early: part(0.25, 0.5), late: part(0.75, 1) };
}

/** What leaks; empty where the memory is flat. */
export function leaksIn(held: readonly Held[]): string[] {
  const { early, late } = ends(held);
  return KINDS.filter((kind) => late[kind] - early[kind] > MAY_GROW[kind]).map(
    (kind) => `the ${kind} memory grew from ${early[kind].toFixed(1)} to ${late[kind].toFixed(1)} MiB`,
  );
}

function median(held: readonly Held[], kind: keyof Held): number {
  const values = held.map((one) => one[kind]).toSorted((one, other) => one - other);
  return values[Math.floor(values.length / 2)] ?? 0;
}
