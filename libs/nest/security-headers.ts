import { createHash } from 'node:crypto';
import helmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { STYLE } from './page.js';

const NOTHING = `'none'`;
const OWN = `'self'`;

const everywhere = {
  'default-src': [NOTHING],
  'base-uri': [NOTHING],
  'form-action': [NOTHING],
  'frame-ancestors': [NOTHING],
};

/** Answers of the API are no pages, and our pages have one style and nothing that runs. */
const POLICY = {
  ...everywhere,
  'img-src': ['data:'],
  'style-src': [`'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`],
};

/** Swagger UI runs its own scripts, calls the API and styles itself as it goes. */
const POLICY_OF_DOCS = {
  ...everywhere,
  'connect-src': [OWN],
  'font-src': [OWN],
  'img-src': [OWN, 'data:'],
  'script-src': [OWN],
  'style-src': [OWN, `'unsafe-inline'`],
};

const policy = (directives: Record<string, string[]>) => ({
  contentSecurityPolicy: { useDefaults: false as const, directives },
});

/** What browsers are told on every answer; `docs` is the path of the documentation, which may do a little more. */
export async function secureHeaders(app: NestFastifyApplication, docs: string): Promise<void> {
  await app.register(helmet, {
    ...policy(POLICY),
    frameguard: { action: 'deny' },
    // That of the proxy, which has the certificate.
    strictTransportSecurity: false,
  });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async ({ routeOptions }, reply) => {
      // By the route, since an address has many spellings.
      if (routeOptions.url?.startsWith(docs)) reply.helmet(policy(POLICY_OF_DOCS));
    });
}
