import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { Overloaded } from '#libs/kernel/errors.js';
import { SharpPhotoEncoder } from '../../src/identity/adapters/sharp-photo-encoder.js';
import { UnsupportedImage, UnusableImage } from '../../src/identity/domain/errors.js';
import { colourful, picture } from '../support/pictures.js';

const encoder = new SharpPhotoEncoder();
const text = (words: string) => Buffer.from(words);

describe('a photo is made of a picture', () => {
  test.each(['jpeg', 'png', 'webp'] as const)('that is a %s', async (format) => {
    const photo = await encoder.encode(await colourful().toFormat(format).toBuffer());
    expect(await sharp(photo).metadata()).toMatchObject({ format: 'webp', width: 60, height: 40 });
  });

  test.each([
    [3000, 2000, 1024, 683],
    [10, 2000, 5, 1024],
    [1, 1, 1, 1],
    [1024, 1024, 1024, 1024],
  ])('of %i by %i pixels, and has %i by %i', async (width, height, ...size) => {
    const photo = await encoder.encode(await picture(width, height).jpeg().toBuffer());
    const made = await sharp(photo).metadata();
    expect([made.width, made.height]).toEqual(size);
  });

  test('that the camera was turned for, and stands upright', async () => {
    const turned = await picture(60, 40).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const made = await sharp(await encoder.encode(turned)).metadata();
    expect([made.width, made.height, made.orientation]).toEqual([40, 60, undefined]);
  });

  test('and tells nothing of where, when and with what it was taken', async () => {
    const secret = 'The camera of Ada Newman';
    const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <rdf:Description rdf:about="${secret}"/></rdf:RDF></x:xmpmeta>`;
    const told = await picture()
      .withExif({ IFD0: { Model: secret }, IFD3: { GPSLatitude: '52/1 31/1 0/1' } })
      .withXmp(xmp)
      .withIccProfile('p3', { attach: true })
      .jpeg()
      .toBuffer();
    expect(told.toString('latin1')).toContain(secret);
    const photo = await encoder.encode(told);
    const { exif, xmp: kept, icc, iptc, comments } = await sharp(photo).metadata();
    expect([exif, kept, icc, iptc, comments]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(Buffer.from(photo).toString('latin1')).not.toContain('Ada');
  });

  test('in colours of print, whose photo has those of a screen', async () => {
    const printed = await picture().toColourspace('cmyk').jpeg().toBuffer();
    expect((await sharp(await encoder.encode(printed)).metadata()).space).toBe('srgb');
  });

  test('that moves, and shows its first frame', async () => {
    const frames = [
      { r: 255, g: 0, b: 0 },
      { r: 0, g: 0, b: 255 },
    ];
    const moving = await sharp(
      await Promise.all(frames.map((colour) => picture(8, 8, colour).png().toBuffer())),
      {
        join: { animated: true },
      },
    )
      .webp({ lossless: true })
      .toBuffer();
    expect((await sharp(moving, { animated: true }).metadata()).pages).toBe(2);
    const photo = await encoder.encode(moving);
    expect((await sharp(photo, { animated: true }).metadata()).pages).toBeUndefined();
    const [r, , b] = await sharp(photo).raw().toBuffer();
    expect(r).toBeGreaterThan(200);
    expect(b).toBeLessThan(60);
  });
});

describe('what is no JPEG, PNG or WebP is UnsupportedImage', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a text', text('me at the lake')],
    ['an SVG', text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['HTML', text('<!doctype html><script>alert(1)</script>')],
    ['a PDF', text('%PDF-1.7\n%âãÏÓ\n')],
    ['a GIF', text('GIF89a\x01\x00\x01\x00')],
    ['a TIFF', text('II*\x00\x08\x00\x00\x00')],
    ['another RIFF', text('RIFF\x24\x00\x00\x00WAVEfmt ')],
    ['an AVIF', text('\x00\x00\x00\x20ftypavif')],
    ['the beginning of a JPEG after something else', Buffer.from('474946ffd8ffe0', 'hex')],
    ['the beginning of a beginning', text('\x89PNG')],
  ])('%s', async (_, file) => {
    await expect(encoder.encode(file)).rejects.toBeInstanceOf(UnsupportedImage);
  });

  test('also where libvips could read it', async () => {
    const gif = await picture().gif().toBuffer();
    await expect(sharp(gif).metadata()).rejects.toThrow('unsupported image format');
  });
});

describe('what cannot be decoded is UnusableImage', () => {
  const half = async (format: 'jpeg' | 'png' | 'webp') => {
    const whole = await colourful(300, 300).toFormat(format).toBuffer();
    return whole.subarray(0, whole.length / 2);
  };

  test.each([
    ['half a JPEG', half('jpeg')],
    ['half a PNG', half('png')],
    ['half a WebP', half('webp')],
    ['a JPEG that is its beginning', Buffer.from([0xff, 0xd8, 0xff, 0xe0])],
    ['a PNG that is its beginning', Buffer.from('89504e470d0a1a0a00000000', 'hex')],
    ['a WebP that is its beginning', text('RIFF\x24\x00\x00\x00WEBPVP8 ')],
    [
      'HTML behind the beginning of a JPEG',
      Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), text('<script>')]),
    ],
    ['a PNG of no pixels', headOf(0, 10)],
    ['a PNG of more pixels than there are', headOf(0x7fffffff, 0x7fffffff)],
  ])('%s', async (_, file: Buffer | Promise<Buffer>) => {
    await expect(encoder.encode(await file)).rejects.toBeInstanceOf(UnusableImage);
  });

  test('what takes too long', async () => {
    const slow = await picture(5000, 5000).png({ progressive: true }).toBuffer();
    const impatient = new SharpPhotoEncoder({ pixels: 25_000_000, seconds: 1 });
    // A machine may be faster than the shortest time that can be set.
    const begun = performance.now();
    const outcome = await impatient.encode(slow).catch((error: unknown) => error);
    if (performance.now() - begun > 2000) expect(outcome).toBeInstanceOf(UnusableImage);
    expect(performance.now() - begun).toBeLessThan(8000);
  });
});

/** A PNG whose head claims so many pixels. */
async function headOf(width: number, height: number): Promise<Buffer> {
  const png = Buffer.from(await picture().png().toBuffer());
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

describe('a picture of more than 25 megapixels', () => {
  const bomb = picture(15_000, 15_000).png({ compressionLevel: 9 }).toBuffer();

  test('is UnusableImage, and is not decoded', async () => {
    const small = await bomb;
    expect(small.length).toBeLessThan(1_000_000);
    const begun = performance.now();
    await expect(encoder.encode(small)).rejects.toThrow('more than 25 megapixels');
    expect(performance.now() - begun).toBeLessThan(200);
  });

  test('is decoded where nothing limits it (control)', { timeout: 60_000 }, async () => {
    const unlimited = new SharpPhotoEncoder({ pixels: 15_000 * 15_000, seconds: 50 });
    const made = await sharp(await unlimited.encode(await bomb)).metadata();
    expect([made.width, made.height]).toEqual([1024, 1024]);
  });

  test('of 25 megapixels it is not yet', { timeout: 60_000 }, async () => {
    const largest = await picture(5000, 5000).jpeg().toBuffer();
    expect((await sharp(await encoder.encode(largest)).metadata()).width).toBe(1024);
    const larger = await picture(5001, 5000).jpeg().toBuffer();
    await expect(encoder.encode(larger)).rejects.toBeInstanceOf(UnusableImage);
  });
});

describe('a file that is also something else', () => {
  const SCRIPT = '<script>alert(document.domain)</script>';

  test.each(['jpeg', 'png', 'webp'] as const)('behind a %s loses what it also is', async (format) => {
    const image = await colourful().toFormat(format).toBuffer();
    const zip = Buffer.concat([text('PK\x03\x04'), text(SCRIPT.repeat(20))]);
    const photo = Buffer.from(await encoder.encode(Buffer.concat([image, zip]))).toString('latin1');
    expect(photo).not.toContain('<script>');
    expect(photo).not.toContain('PK\x03\x04');
  });

  test('in the comment of a JPEG too', async () => {
    const image = await colourful().jpeg().toBuffer();
    const length = Buffer.alloc(2);
    length.writeUInt16BE(SCRIPT.length + 2);
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe]), length, text(SCRIPT)]);
    const both = Buffer.concat([image.subarray(0, 2), comment, image.subarray(2)]);
    expect(Buffer.from(await encoder.encode(both)).toString('latin1')).not.toContain('<script>');
  });
});

describe('many pictures at once', () => {
  test('are decoded one after another, and more than wait are refused', { timeout: 60_000 }, async () => {
    const some = await colourful(2000, 2000).jpeg().toBuffer();
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => encoder.encode(some)));
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(outcomes.length - refused.length).toBe(4);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(Overloaded);
    expect((refused[0]!.reason as Error).message).toContain('pictures');
  });
});
