import { Letters, Mail, Secrets, Users } from '../../src/identity/ports.js';
import { ForgotPassword } from '../../src/identity/use-cases/forgot-password.js';
import { serve } from '../support/other-product.js';

/** The control's program: the product, but that it looks the account up and mails while the request waits. */
await serve((builder) =>
  builder.overrideProvider(ForgotPassword).useFactory({
    inject: [Users, Secrets, Letters, Mail],
    factory: (users: Users, secrets: Secrets, letters: Letters, mail: Mail) => ({
      async execute(email: string) {
        const user = await users.findByEmail(email);
        if (user) await mail.send(letters.reset(user, secrets.next().token));
      },
    }),
  }),
);
