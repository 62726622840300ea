import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PlainLetters } from '../../src/identity/adapters/plain-letters.js';
import { SmtpMail } from '../../src/identity/adapters/smtp-mail.js';

const FROM = 'Clinic <clinic@example.org>';
const MESSAGE = {
  to: 'ada@example.org',
  subject: 'Grüße\r\nBcc: eve@example.org',
  text: 'Hello Zoë\n.\nend\n',
};

interface Received {
  from: string;
  to: string[];
  text: string;
}

/** A mail server that speaks SMTP, and keeps what it takes. */
async function peer(options: SMTPServerOptions = {}): Promise<{ port: number; received: Received[] }> {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => (text += part));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          text,
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(() => new Promise<void>((closed) => server.close(() => closed())));
  return { port: (server.server.address() as AddressInfo).port, received };
}

describe('mail by SMTP', () => {
  test('reaches the server, to one address, with its text as it was', async () => {
    const { port, received } = await peer();
    await new SmtpMail(`smtp://127.0.0.1:${port}`, FROM).send(MESSAGE);
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ from: 'clinic@example.org', to: ['ada@example.org'] });
    expect(received[0]!.text).not.toMatch(/^Bcc:/im);
    expect(received[0]!.text).toMatch(/^From: Clinic <clinic@example.org>$/m);
  });

  test('logs in with what the URL says', async () => {
    const seen: unknown[] = [];
    const { port, received } = await peer({
      authOptional: false,
      onAuth({ username, password }, _, done) {
        seen.push(username, password);
        done(null, { user: 'clinic' });
      },
    });
    await new SmtpMail(`smtp://clinic%40example.org:p%40ss@127.0.0.1:${port}`, FROM).send(MESSAGE);
    expect([seen, received.length]).toEqual([['clinic@example.org', 'p@ss'], 1]);
  });

  test('fails where the server does not take it', async () => {
    const { port } = await peer({ onRcptTo: (_, __, done) => done(new Error('no such mailbox')) });
    const refused = new SmtpMail(`smtp://127.0.0.1:${port}`, FROM).send(MESSAGE);
    // Codes only: words may quote an address.
    await expect(refused).rejects.toMatchObject({ name: 'MailNotTaken EENVELOPE 550' });
    await expect(refused).rejects.not.toThrow(/ada/);
  });

  test('fails rather than tell a secret in the clear to another machine', async () => {
    const { port, received } = await peer();
    // This machine, by a name that is not known to be this machine's.
    await expect(new SmtpMail(`smtp://127.1:${port}`, FROM).send(MESSAGE)).rejects.toMatchObject({
      name: expect.stringMatching(/^MailNotTaken ETLS/),
    });
    expect(received).toEqual([]);
  });

  test('fails where there is no server', async () => {
    await expect(new SmtpMail('smtp://127.0.0.1:1', FROM).send(MESSAGE)).rejects.toMatchObject({
      name: 'MailNotTaken ESOCKET',
    });
  });
});

describe('a letter about a new password', () => {
  const ada = { email: 'ada@example.org', firstName: 'Ada' };
  const token = 'A'.repeat(43);

  test('carries the code on a line of its own', () => {
    const { to, text } = new PlainLetters(undefined).reset(ada, token);
    expect(to).toBe(ada.email);
    expect(text.split('\n')).toContain(token);
  });

  test('knows nothing that a stranger wrote, where an account is to be verified', () => {
    const { text } = new PlainLetters(undefined).verification({ email: ada.email }, token);
    expect(text.split('\n')).toContain(token);
  });

  test('carries a link where the clinic has pages, with the code where no server logs it', () => {
    const { text } = new PlainLetters('https://clinic.example.org').reset(ada, token);
    expect(text.split('\n')).toContain(`https://clinic.example.org/reset-password#token=${token}`);
  });
});
