import { STATUS_CODES } from 'node:http';
import type { Answer, Request } from './client.js';

/** A block of commands of a page, and what is printed below it. */
const STEP = /```bash\n(.*?)```\n(?:\n```text\n(.*?)```\n)?/gs;
const ASSIGNMENT = /^(\w+)=(.*)$/gm;
const MEMBER = /"(\w+)": ("(?:[^"\\]|\\.)*"|null|true|false|-?\d+|\[[^\]{]*\])/g;
const ID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g;

/** Different each time, and of no id. */
const VOLATILE = new Set(['created_at', 'updated_at', 'at', 'access', 'refresh']);

/** Who sends a command, by the name of the variable with their token; undefined for nobody. */
type Send = (who: string | undefined, request: Request) => Promise<Answer>;

/**
 * Sends every command of a page that shows how to use the API, and tells what is printed there and was not answered. Where
 * the page cuts an answer anything may stand; an id stands for the one that was answered in its place.
 */
export class Walkthrough {
  readonly #variables = new Map<string, string>();
  /** From the page's ids to those of this run. */
  readonly #ids = new Map<string, string>();

  /** How many commands were sent, and each thing that is not as it is printed. What a part sets holds in the next. */
  async run(part: string, send: Send): Promise<{ sent: number; differences: string[] }> {
    const differences: string[] = [];
    let sent = 0;
    for (const [, shell = '', printed] of part.matchAll(STEP)) {
      for (const [, name, value] of shell.matchAll(ASSIGNMENT)) this.#variables.set(name!, value!);
      const command = /^curl .*/ms.exec(shell)?.[0];
      if (command === undefined) continue;
      const answer = await send(/-H "\$(?!JSON)(\w+)"/.exec(command)?.[1], this.#requestOf(command));
      sent++;
      differences.push(
        ...this.#missing(printed!, answer).map((what) => `${command.split('\n')[0]}: ${what}`),
      );
    }
    return { sent, differences };
  }

  #requestOf(command: string): Request {
    const url = this.#filled(/\$API([^\s"]+)/.exec(command)![1]!);
    const data = / -d '(.*)'/s.exec(command)?.[1];
    const method = / -X (\w+)/.exec(command)?.[1] ?? (data === undefined ? 'GET' : 'POST');
    const payload = data && (JSON.parse(this.#filled(data)) as object);
    return { method, url: `/api${url}`, ...(payload && { payload }) };
  }

  #filled(text: string): string {
    return this.#ofThisRun(text.replaceAll(/'?\$(\w+)'?/g, (_, name: string) => this.#variables.get(name)!));
  }

  #ofThisRun(text: string): string {
    return text.replaceAll(ID, (id) => this.#ids.get(id) ?? id);
  }

  #missing(printed: string, { status, headers, body }: Answer): string[] {
    const [head, shown = ''] = printed.split(/\n\n(.*)/s);
    const [statusLine, ...headerLines] = head!.trimEnd().split('\n');
    const missing =
      statusLine === `${status} ${STATUS_CODES[status]}` ? [] : [`${status}, not ${statusLine}`];

    const answered = [...JSON.stringify(body ?? {}, null, 1).matchAll(MEMBER)];
    for (const [member, name, value] of shown.matchAll(MEMBER)) {
      const found = answered.findIndex(([, other, is]) => other === name && this.#agrees(name!, value!, is!));
      if (found < 0) missing.push(member);
      else answered.splice(0, found + 1);
    }
    for (const line of headerLines) {
      const [name, value] = line.split(/: (.*)/s);
      if (headers[name!] !== this.#ofThisRun(value!)) missing.push(line);
    }
    return missing;
  }

  #agrees(name: string, printed: string, answered: string): boolean {
    if (VOLATILE.has(name)) return true;
    const [id, real] = [printed.match(ID)?.[0], answered.match(ID)?.[0]];
    if (id !== undefined && real !== undefined && !this.#ids.has(id)) this.#ids.set(id, real);
    return this.#ofThisRun(printed).replaceAll(/\s/g, '') === answered.replaceAll(/\s/g, '');
  }
}
