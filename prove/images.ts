import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { fileForm } from '../test/support/forms.js';
import { colourful } from '../test/support/pictures.js';
import { Client } from './support/client.js';
import { Clinic, type Member } from './support/clinic.js';
import { freshDatabase } from './support/databases.js';
import { AppNode } from './support/nodes.js';
import { Random } from './support/random.js';
import { table, tally } from './support/table.js';
import { damaged, type Format } from './images/damage.js';

const FORMATS: readonly Format[] = ['jpeg', 'png', 'webp'];
/** What may be said of an image; `503` is for those that come while another is decoded. */
const DECLARED = [200, 415, 422, 503];
const LONGEST_SIDE = 1024;
const MOST_FAULTS = 20;
/** Each a sender, since nobody sends two at once; more would be refused. */
const AT_ONCE = 4;

/**
 * `images [--images 10000] [--minutes …] [--seed …]`
 *
 * Images cannot crash it: so many JPEGs, PNGs and WebPs with flipped bits, cut ends, wrong lengths and other heads are sent as
 * photos to one node. It lives, each answer is a declared one, and what is read back is an image of at most 1024 pixels a side.
 */
export async function prove(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      images: { type: 'string', default: '10000' },
      minutes: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const count = Number(values.images);
  const deadline = Date.now() + Number(values.minutes) * 60_000;
  console.log(`Images: ${count}. Seed: ${values.seed}.`);
  const random = new Random(Number(values.seed));
  const seeds = await Promise.all(
    FORMATS.map(async (format, i) => ({
      format,
      bytes: await colourful(90, 60, i + 1)
        .toFormat(format)
        .toBuffer(),
    })),
  );
  const database = (await freshDatabase('sqlite'))!;
  const node = await AppNode.start({
    database: database.url,
    env: { RATE_LIMITS: 'off', DEMO: 'false', LOG_LEVEL: 'silent' },
  });
  const client = new Client(node.url);
  const senders = await new Clinic(client).patients(AT_ONCE);
  const statuses: string[] = [];
  const faults: string[] = [];
  const began = performance.now();
  let sent = 0;
  const oneAfterAnother = async (sender: Member): Promise<void> => {
    while (sent < count && Date.now() < deadline && node.isAlive && faults.length < MOST_FAULTS) {
      const { format, bytes } = seeds[sent++ % seeds.length]!;
      const { file, how } = damaged(bytes, format, random);
      const answer = await answerTo(node.url, await sender.token(client), file);
      statuses.push(`${format} ${answer.status}`);
      if (answer.fault !== undefined) faults.push(`${answer.fault}: ${format}, ${how}`);
    }
  };
  await Promise.all(senders.map(oneAfterAnother));
  const seconds = Math.round((performance.now() - began) / 1000);
  if (!node.isAlive) faults.push('the node has ended');
  else if (!(await fetch(`${node.url}/health/ready/`)).ok) faults.push('the node is not ready afterwards');
  console.log(
    table([
      { images: statuses.length, 'by format and status': tally(statuses), seconds, faults: faults.length },
    ]),
  );
  client.close();
  await node.stop();
  await database.drop();
  if (faults.length > 0) throw new Error(`The promise is broken:\n${faults.join('\n')}`);
  console.log('The node lives, and every answer was a declared one.');
}

/** What a file is told as a photo, and what is wrong with that. */
async function answerTo(
  url: string,
  token: string,
  file: Buffer,
): Promise<{ status: number; fault?: string }> {
  const authorization = `Bearer ${token}`;
  const { payload, headers } = fileForm(file);
  try {
    const answer = await fetch(`${url}/api/auth/me/photo/`, {
      method: 'PUT',
      headers: { authorization, ...headers },
      body: payload,
    });
    const { status } = answer;
    const { photo = '' } = (await answer.json()) as { photo?: string };
    if (!DECLARED.includes(status)) return { status, fault: String(status) };
    if (status !== 200) return { status };
    const kept = await fetch(url + photo, { headers: { authorization } });
    const { format, width, height } = await sharp(Buffer.from(await kept.arrayBuffer())).metadata();
    const isRight = format === 'webp' && width <= LONGEST_SIDE && height <= LONGEST_SIDE;
    return isRight ? { status } : { status, fault: `made ${format} of ${width} × ${height}` };
  } catch (error) {
    return { status: 0, fault: `no answer, ${String((error as Error).cause ?? error)}` };
  }
}
