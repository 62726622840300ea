import { Letters, type Message } from '../ports.js';

/** In English, as plain text. */
export class PlainLetters extends Letters {
  /** With the address of the clinic's pages for people, letters carry links to them. */
  constructor(private readonly publicUrl: string | undefined) {
    super();
  }

  reset({ email, firstName }: { email: string; firstName: string }, token: string): Message {
    // After the `#`, so that it is in no server's log.
    const link = this.publicUrl && `${this.publicUrl}/reset-password#token=${token}`;
    const text = [
      `Hello ${firstName},`,
      '',
      'somebody, probably you, asked for a new password to your account.',
      'You can set one within 30 minutes, once.',
      '',
      ...(link ? ['Follow this link:', '', link] : ['Enter this code where you asked for it:', '', token]),
      '',
      'When you do, you are logged out everywhere.',
      'If it was not you, do nothing: your password stays as it is.',
      '',
    ].join('\n');
    return { to: email, subject: 'Set a new password', text };
  }
}
