import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#libs/kernel/clock.js';
import type { Ids } from '#libs/kernel/ids.js';
import { KeptMail, Mail, type KeptMessage, type Message } from '../ports.js';

const MOST_KEPT = 200;

/**
 * Keeps messages as files, one each, instead of sending them: for trying the product out without a mail server. Names are
 * ids, so the newest comes last.
 */
export class FolderMail extends Mail implements KeptMail {
  constructor(
    private readonly folder: string,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {
    super();
  }

  async send(message: Message): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const file = join(this.folder, `${this.ids.next()}.json`);
    const kept: KeptMessage = { ...message, at: this.clock.now() };
    await writeFile(`${file}.new`, JSON.stringify(kept, null, 2), { mode: 0o600 });
    // So that nobody reads half of it.
    await rename(`${file}.new`, file);
    await this.#forgetOld();
  }

  async newest(limit: number): Promise<readonly KeptMessage[]> {
    const names = (await this.#names()).toReversed().slice(0, limit);
    const texts = await Promise.all(names.map((name) => readFile(join(this.folder, name), 'utf8')));
    return texts.map((text) => JSON.parse(text) as KeptMessage);
  }

  async #forgetOld(): Promise<void> {
    const old = (await this.#names()).slice(0, -MOST_KEPT);
    await Promise.all(old.map((name) => rm(join(this.folder, name), { force: true })));
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.filter((name) => name.endsWith('.json')).toSorted();
  }
}
