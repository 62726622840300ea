import { createHash } from 'crypto';
import fs from 'fs';
import { fail, root, run } from './install.js';

const STAMP = `${root}dist/.built-from`;

/** All files that decide what the build contains. */
function sources() {
  const settings = fs.readdirSync(root).filter((name) => /^(package(-lock)?|tsconfig.*)\.json$/.test(name));
  const code = ['src', 'libs'].flatMap((folder) =>
    fs
      .readdirSync(root + folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length)),
  );
  return [...settings, ...code].toSorted((one, other) => (one < other ? -1 : 1));
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const path of sources()) {
    const content = fs.readFileSync(root + path);
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Types were checked before they came here, and are by `npm run check`: to do it again takes most of the time. */
export function compiling(project) {
  return ['node_modules/typescript/bin/tsc', '-p', project, '--noCheck'];
}

/** Brings dist/ to what the sources say, if it is not there already. */
export async function ensureBuilt() {
  const wanted = fingerprint();
  if (fs.existsSync(STAMP) && fs.readFileSync(STAMP, 'utf8') === wanted) return;
  console.log('Building from the sources: some seconds, up to half a minute.');
  fs.rmSync(`${root}dist`, { recursive: true, force: true });
  const { ok, output, seconds } = await run('building', process.execPath, compiling('tsconfig.build.json'));
  if (!ok) {
    console.error(output);
    fail(`The build failed after ${seconds} s: the compiler's errors stand above.`);
  }
  fs.writeFileSync(STAMP, wanted);
  console.log(`Built in ${seconds} s.`);
}
