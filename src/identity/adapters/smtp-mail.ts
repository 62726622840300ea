import { createTransport, type Transporter } from 'nodemailer';
import { Mail, MailNotTaken, type Message } from '../ports.js';

/** Longer than any server that works takes; a step of a job is a few seconds. */
const TIMEOUT = 10_000;

/** Hands each message to the server of `SMTP_URL`. It has been sent when that server has taken it. */
export class SmtpMail extends Mail {
  readonly #transport: Transporter;

  constructor(
    url: string,
    private readonly from: string,
  ) {
    super();
    const { protocol, hostname, port, username, password } = new URL(url);
    const isTls = protocol === 'smtps:';
    this.#transport = createTransport({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (isTls ? 465 : 587),
      secure: isTls,
      // A password, and a link that is as good as one, go to nobody who listens; on this machine nobody does.
      requireTLS: !isTls && !isLocal(hostname),
      ...(username !== '' && {
        auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
      }),
      connectionTimeout: TIMEOUT,
      greetingTimeout: TIMEOUT,
      socketTimeout: TIMEOUT,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send({ to, subject, text }: Message): Promise<void> {
    try {
      await this.#transport.sendMail({ from: this.from, to: { name: '', address: to }, subject, text });
    } catch (error) {
      const { code, responseCode } = error as { code?: string; responseCode?: number };
      throw new MailNotTaken(code, responseCode);
    }
  }
}

function isLocal(host: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(host);
}
