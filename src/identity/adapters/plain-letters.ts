import { Letters, type Message } from '../ports.js';

/** In English, as plain text. */
export class PlainLetters extends Letters {
  /** With the address of the clinic's pages for people, letters carry links to them. */
  constructor(private readonly publicUrl: string | undefined) {
    super();
  }

  reset({ email, firstName }: { email: string; firstName: string }, token: string): Message {
    const text = [
      `Hello ${firstName},`,
      '',
      'somebody, probably you, asked for a new password to your account, or',
      'wanted to open another one with this email.',
      'You can set a password within 30 minutes, once.',
      '',
      ...this.#way('reset-password', token),
      '',
      'When you do, you are logged out everywhere.',
      'If it was not you, do nothing: your password stays as it is.',
      '',
    ].join('\n');
    return { to: email, subject: 'Set a new password', text };
  }

  /** Without the name: whoever registers another's email would write to them through us. */
  verification({ email }: { email: string }, token: string): Message {
    const text = [
      'Hello,',
      '',
      'somebody, probably you, opened an account with this email.',
      'It works when you have said, within 30 minutes, that it is yours.',
      '',
      ...this.#way('verify-email', token),
      '',
      'If it was not you, do nothing: the account will never work.',
      '',
    ].join('\n');
    return { to: email, subject: 'Is this your account?', text };
  }

  #way(page: string, token: string): string[] {
    // After the `#`, so that it is in no server's log.
    return this.publicUrl === undefined
      ? ['Enter this code where you asked for it:', '', token]
      : ['Follow this link:', '', `${this.publicUrl}/${page}#token=${token}`];
  }
}
