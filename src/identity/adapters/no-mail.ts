import { KeptMail, Mail, type KeptMessage } from '../ports.js';

/** Production without `SMTP_URL`: messages go nowhere, which the start has said. */
export class NoMail extends Mail {
  async send(): Promise<void> {}
}

/** Wherever mail is sent, or nobody may read it here. */
export class NothingKept extends KeptMail {
  async newest(): Promise<readonly KeptMessage[] | undefined> {
    return undefined;
  }
}
