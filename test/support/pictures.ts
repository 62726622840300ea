import sharp, { type Sharp } from 'sharp';

interface Colour {
  r: number;
  g: number;
  b: number;
}

/** Pictures that tests send. Made without a limit, since some are made to be too large. */
export function picture(width = 60, height = 40, background: Colour = { r: 200, g: 100, b: 50 }): Sharp {
  return sharp({ create: { width, height, channels: 3, background }, limitInputPixels: false });
}

/** Pixels of every colour, so that each byte of the file means something. */
export function colourful(width = 60, height = 40, seed = 1): Sharp {
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0, state = seed; i < data.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    data[i] = (state >>> 16) & 255;
  }
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
}
