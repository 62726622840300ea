import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { Refused } from './refused.js';

/** Asks for a password twice, without showing it; where nobody sits at a terminal, it is the first line of what is piped in. */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return firstLine();
  const lines = createInterface({ input: process.stdin, output: new Nowhere(), terminal: true });
  try {
    const password = await ask(lines, 'Password: ');
    if ((await ask(lines, 'Once more: ')) !== password) throw new Refused('Not done: the two differ.');
    return password;
  } finally {
    lines.close();
  }
}

/** Takes the echo of what is typed. */
class Nowhere extends Writable {
  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }
}

function ask(lines: Interface, question: string): Promise<string> {
  process.stderr.write(question);
  return new Promise((resolve, reject) => {
    // Ctrl+C, or Ctrl+D, which closes.
    for (const end of ['SIGINT', 'close']) lines.once(end, () => reject(new Refused('Not done.')));
    lines.question('', (answer) => {
      process.stderr.write('\n');
      resolve(answer);
    });
  });
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  throw new Refused('Not done: the password is asked on a terminal, or read from standard input.');
}
