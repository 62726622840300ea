import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The `source` condition of package.json does not reach the global setup, which would then run a build of yesterday.
  resolve: {
    alias: [
      { find: /^#libs\/(.*)\.js$/, replacement: `${fileURLToPath(new URL('libs', import.meta.url))}/$1.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    isolate: false,
    maxWorkers: 2,
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
