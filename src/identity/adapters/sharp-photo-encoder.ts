import sharp from 'sharp';
import { Overloaded } from '#libs/kernel/errors.js';
import { FifoQueue } from '#libs/persistence/fifo-queue.js';
import { UnsupportedImage, UnusableImage } from '../domain/errors.js';
import { PhotoEncoder } from '../ports.js';

/** What is decoded at all. */
export interface PhotoLimits {
  /** Width times height, as the head of the file says. */
  pixels: number;
  seconds: number;
}

const LIMITS: PhotoLimits = { pixels: 25_000_000, seconds: 10 };
const LONGEST_SIDE = 1024;

/** With those that wait no longer than a request may take. */
const MAX_WAITING = 3;
/** Passwords leave it one of the threads that Node has for such work. */
const AT_ONCE = 1;

/** How the formats begin. Of a WebP four bytes in between are its length, and of a PNG one is for terminals. */
const BEGINNINGS = [/^\xff\xd8\xff/, /^\x89PNG\r\n[^]\n/, /^RIFF[^]{4}WEBP/];
const LONGEST_BEGINNING = 12;

// For the whole process: the other loaders of libvips read formats that nobody looks after, some of them other files.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
});
// A picture is decoded once, and on one core.
sharp.cache(false);
sharp.concurrency(1);

/** Decodes by libvips, off the event loop and one after another: a flood of pictures waits for itself. */
export class SharpPhotoEncoder extends PhotoEncoder {
  constructor(
    private readonly limits: PhotoLimits = LIMITS,
    private readonly queue: Pick<FifoQueue, 'run'> = new FifoQueue(MAX_WAITING, AT_ONCE),
  ) {
    super();
  }

  async encode(picture: Uint8Array): Promise<Uint8Array> {
    const beginning = Buffer.from(picture.subarray(0, LONGEST_BEGINNING)).toString('latin1');
    if (!BEGINNINGS.some((one) => one.test(beginning))) throw new UnsupportedImage();
    try {
      return await this.queue.run(() => this.#encoded(picture));
    } catch (error) {
      throw error instanceof Overloaded ? new TooManyPictures() : error;
    }
  }

  async #encoded(picture: Uint8Array): Promise<Uint8Array> {
    if ((await this.#pixelsOf(picture)) > this.limits.pixels) throw new UnusableImage('large');
    try {
      return await this.#reader(picture)
        .autoOrient()
        .resize({ width: LONGEST_SIDE, height: LONGEST_SIDE, fit: 'inside', withoutEnlargement: true })
        .webp({ quality: 80 })
        .timeout({ seconds: this.limits.seconds })
        .toBuffer();
    } catch {
      throw new UnusableImage('broken');
    }
  }

  /** Reads the head of the file and decodes nothing. */
  async #pixelsOf(picture: Uint8Array): Promise<number> {
    try {
      const { width, height } = await this.#reader(picture, false).metadata();
      return width * height;
    } catch {
      throw new UnusableImage('broken');
    }
  }

  #reader(picture: Uint8Array, limitInputPixels: number | false = this.limits.pixels) {
    // Strictest of all: what a decoder would mend by guessing is refused.
    return sharp(picture, { failOn: 'warning', limitInputPixels, pages: 1, sequentialRead: true });
  }
}

class TooManyPictures extends Overloaded {
  constructor() {
    super('Too many pictures are waiting to be decoded; nothing was changed.');
  }
}
