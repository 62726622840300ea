import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { Config, targetOf } from '../../src/config.js';
import { openWriter, writerOptions } from '../../src/database/data-source.js';
import { DemoClock } from '../../src/demo/demo-time.js';
import { writeDemoClinic } from '../../src/demo/fill-demo-clinic.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the databases that tests copy: `empty.db`, migrated, and `demo.db`, with the demo clinic of now. */
    templates: string;
  }
}

/** Once before all test files: what every test would otherwise migrate and fill for itself. */
export default async function setup(project: TestProject): Promise<() => void> {
  const templates = mkdtempSync(join(tmpdir(), 'cybermed-test-'));
  await (await openWriter(await writerOptions(targetOf(`sqlite:${templates}/empty.db`)))).destroy();
  const demo = Config.parse({
    NODE_ENV: 'test',
    DATA_DIR: templates,
    DATABASE_URL: `sqlite:${templates}/demo.db`,
  });
  await writeDemoClinic(demo, new DemoClock());
  project.provide('templates', templates);
  return () => rmSync(templates, { recursive: true, force: true });
}
