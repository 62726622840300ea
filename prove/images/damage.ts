import type { Random } from '../support/random.js';

export type Format = 'jpeg' | 'png' | 'webp';

/** Where a head says how many pixels there are, and of what kind. */
const HEADS: Readonly<Record<Format, { from: number; to: number }>> = {
  jpeg: { from: 2, to: 200 },
  png: { from: 8, to: 60 },
  webp: { from: 4, to: 34 },
};

/** An image in which something is wrong, and in which way. */
export function damaged(image: Buffer, format: Format, random: Random): { file: Buffer; how: string } {
  const how = random.oneOf(['flipped', 'cut', 'length', 'head', 'doubled', 'swapped'] as const);
  const file = Buffer.from(image);
  const place = () => random.below(file.length);
  switch (how) {
    case 'flipped':
      for (let i = random.below(12); i >= 0; i--) {
        const at = place();
        file[at] = file[at]! ^ (1 << random.below(8));
      }
      return { file, how };
    case 'cut':
      return { file: file.subarray(0, place()), how };
    case 'length': {
      const lengths = lengthsIn(file, format);
      const { at, bytes } = random.oneOf(lengths);
      const odd = random.oneOf([0, 1, 2 ** (8 * bytes) - 1, 2 ** (8 * bytes - 1), random.below(65_536)]);
      if (format === 'webp') file.writeUIntLE(odd, at, bytes);
      else file.writeUIntBE(odd, at, bytes);
      return { file, how };
    }
    case 'head': {
      const { from, to } = HEADS[format];
      for (let i = random.below(4); i >= 0; i--) {
        file[Math.min(from + random.below(to - from), file.length - 1)] = random.oneOf([
          0,
          1,
          0x7f,
          0xff,
          random.below(256),
        ]);
      }
      return { file, how };
    }
    case 'doubled': {
      const [from, length] = [place(), 1 + random.below(400)];
      return { file: Buffer.concat([file.subarray(0, from + length), file.subarray(from)]), how };
    }
    case 'swapped': {
      const [one, other, length] = [place(), place(), 1 + random.below(64)];
      const moved = Buffer.from(file.subarray(one, one + length));
      file.copyWithin(one, other, other + length);
      moved.copy(file, other);
      return { file, how };
    }
  }
}

/** Where the lengths of segments and chunks stand. */
function lengthsIn(file: Buffer, format: Format): { at: number; bytes: number }[] {
  const lengths: { at: number; bytes: number }[] = [];
  if (format === 'jpeg') {
    // Up to the pixels, which have no lengths.
    for (let at = 2; at + 4 < file.length && file[at] === 0xff; at += 2 + file.readUInt16BE(at + 2)) {
      lengths.push({ at: at + 2, bytes: 2 });
      if (file[at + 1] === 0xda) break;
    }
  } else if (format === 'png') {
    for (let at = 8; at + 8 < file.length; at += 12 + file.readUInt32BE(at)) lengths.push({ at, bytes: 4 });
  } else lengths.push({ at: 4, bytes: 4 }, { at: 16, bytes: 4 });
  return lengths;
}
