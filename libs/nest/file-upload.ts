import { applyDecorators, PayloadTooLargeException, UnsupportedMediaTypeException } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import { Busboy } from '@fastify/busboy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { InvalidRequest, Overloaded, type FieldError } from '#libs/kernel/errors.js';
import { pointerTo, unknownField } from './pointers.js';

const MULTIPART = 'multipart/form-data';

/** Bytes of the form around its file. */
const AROUND = 16 * 1024;
/** Each is held in memory while it comes and is used. */
const AT_ONCE = 8;
/** Enough to say that there are too many. */
const MOST_PARTS = 5;

/** The body of this route is a form (RFC 7578) of one file, which FileUploads takes in. */
export function TakesFile(name: string, description: string): MethodDecorator {
  return applyDecorators(
    RouteConfig({ takesFile: true }),
    ApiConsumes(MULTIPART),
    ApiBody({
      required: true,
      schema: {
        type: 'object',
        required: [name],
        properties: { [name]: { type: 'string', format: 'binary', description } },
      },
    }),
  );
}

/**
 * Lets forms reach the routes that take a file, and those routes nothing else. The body stays unread: the guard asks first who it
 * is of.
 */
export function acceptFiles(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(MULTIPART, (request, _body, done) =>
    takesFile(request) ? done(null) : done(new UnsupportedMediaTypeException()),
  );
  fastify.addHook('preParsing', async (request) => {
    const type = request.headers['content-type'];
    if (takesFile(request) && type !== undefined && !isForm(type)) throw new UnsupportedMediaTypeException();
  });
}

function takesFile({ routeOptions }: FastifyRequest): boolean {
  return (routeOptions.config as { takesFile?: boolean } | undefined)?.takesFile === true;
}

function isForm(type: string): boolean {
  return type.split(';')[0]!.trim().toLowerCase() === MULTIPART;
}

export interface ExpectedFile {
  /** Of its field. */
  name: string;
  /** In bytes. */
  most: number;
  /** Who sends it: nobody sends two at once. */
  sender: string;
}

/** Files as they come in: so many at once and no more, since each is held in memory, also while its client is slow. */
export class FileUploads {
  readonly #senders = new Set<string>();

  constructor(private readonly most = AT_ONCE) {}

  /** Reads the one file of the form, and holds its place until it was used. */
  async take<T>(
    request: FastifyRequest,
    { name, most, sender }: ExpectedFile,
    use: (file: Buffer) => Promise<T>,
  ): Promise<T> {
    if (this.#senders.size >= this.most || this.#senders.has(sender)) throw new TooManyFiles();
    this.#senders.add(sender);
    try {
      const body = await bodyOf(request, most + AROUND);
      const file = fileIn(await partsOf(request, body), name);
      if (file.length > most) throw new PayloadTooLargeException();
      return await use(file);
    } finally {
      this.#senders.delete(sender);
    }
  }
}

class TooManyFiles extends Overloaded {
  constructor() {
    super('Too many files are being taken in, or another of yours; nothing was changed.');
  }
}

/** What is too much is still taken off the wire, so that the client reads its answer, but not kept. */
function bodyOf({ raw, headers }: FastifyRequest, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = () => {
      chunks.length = 0;
      raw.off('data', keep).resume();
      reject(new PayloadTooLargeException());
    };
    const keep = (chunk: Buffer) => {
      size += chunk.length;
      if (size > most) refuse();
      else chunks.push(chunk);
    };
    // Whoever has gone reads no answer; the error is for the log.
    const giveUp = () => reject(InvalidRequest.at('', 'form', 'ended before its end'));
    raw.once('end', () => resolve(Buffer.concat(chunks)));
    raw.once('error', giveUp).once('close', giveUp);
    if (Number(headers['content-length'] ?? 0) > most) refuse();
    else if (raw.readableEnded) resolve(Buffer.alloc(0));
    else raw.on('data', keep);
  });
}

interface Part {
  name: string;
  /** Undefined for a field that is no file. */
  file: Buffer | undefined;
}

function partsOf({ headers }: FastifyRequest, body: Buffer): Promise<readonly Part[]> {
  const type = headers['content-type'];
  if (type === undefined || body.length === 0) return Promise.resolve([]);
  return new Promise((resolve, reject) => {
    const broken = () => reject(InvalidRequest.at('', 'form', `is no ${MULTIPART} as RFC 7578 defines it`));
    const parts: Part[] = [];
    try {
      const form = new Busboy({
        headers: { 'content-type': type },
        limits: { parts: MOST_PARTS, headerPairs: 20, headerSize: AROUND, fieldSize: AROUND },
      });
      form.on('file', (name: string | undefined, stream) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => parts.push({ name: name ?? '', file: Buffer.concat(chunks) }));
        stream.on('error', broken);
      });
      form.on('field', (name: string | undefined) => parts.push({ name: name ?? '', file: undefined }));
      form.on('error', broken);
      form.on('finish', () => resolve(parts));
      form.end(body);
    } catch {
      broken();
    }
  });
}

function fileIn(parts: readonly Part[], name: string): Buffer {
  const pointer = pointerTo(name);
  const named = parts.filter((part) => part.name === name);
  const faults: FieldError[] = parts
    .filter((part) => part.name !== name)
    .map((part) => unknownField(pointerTo(part.name)));
  const [first] = named;
  if (first === undefined) faults.push({ pointer, code: 'required', message: 'is required' });
  else if (named.length > 1) faults.push({ pointer, code: 'twice', message: 'stands twice in one form' });
  else if (first.file === undefined) faults.push({ pointer, code: 'file', message: 'must be a file' });
  if (faults.length > 0 || first?.file === undefined) throw new InvalidRequest(faults);
  return first.file;
}
