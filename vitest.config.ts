import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The long proofs go first: at the end they would run alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/test/prove/proofs');
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

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
    // More than most machines have cores: a good part of a test is waiting for a disk.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/support/global-setup.ts'],
    // Of a test that hangs; some take a while where the machine is slow or busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
