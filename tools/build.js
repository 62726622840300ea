import { createHash } from 'crypto';
import fs from 'fs';
import { fail, root, run } from './install.js';

/** What is compiled, from which folders; the proofs are compiled with the product they start. */
const PRODUCT = { project: 'tsconfig.build.json', folders: ['src', 'libs'], stamp: '.built-from' };
const PROOFS = {
  project: 'tsconfig.prove.json',
  folders: ['src', 'libs', 'prove', 'test'],
  stamp: '.proofs-built-from',
};

/** All files that decide what a build of these folders contains. */
function sources(folders) {
  const settings = fs.readdirSync(root).filter((name) => /^(package(-lock)?|tsconfig.*)\.json$/.test(name));
  const code = folders.flatMap((folder) =>
    fs
      .readdirSync(root + folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length)),
  );
  return [...settings, ...code].toSorted((one, other) => (one < other ? -1 : 1));
}

function fingerprint({ folders }) {
  const hash = createHash('sha256');
  for (const path of sources(folders)) {
    const content = fs.readFileSync(root + path);
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Brings dist/ to what the sources say, if it is not there already. */
export async function ensureBuilt({ proofs = false } = {}) {
  const wanted = (proofs ? [PRODUCT, PROOFS] : [PRODUCT]).map((target) => ({
    project: target.project,
    stamp: `${root}dist/${target.stamp}`,
    from: fingerprint(target),
  }));
  const isCurrent = ({ stamp, from }) => fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === from;
  if (wanted.every(isCurrent)) return;
  console.log('Building from the sources: some seconds, up to half a minute.');
  if (!isCurrent(wanted[0])) fs.rmSync(`${root}dist`, { recursive: true, force: true });
  const { project } = wanted[wanted.length - 1];
  // Types were checked before they came here, and are by `npm run check`: to do it again takes most of the time.
  const compiler = ['node_modules/typescript/bin/tsc', '-p', project, '--noCheck'];
  const { ok, output, seconds } = await run('building', process.execPath, compiler);
  if (!ok) {
    console.error(output);
    fail(`The build failed after ${seconds} s: the compiler's errors stand above.`);
  }
  for (const { stamp, from } of wanted) fs.writeFileSync(stamp, from);
  console.log(`Built in ${seconds} s.`);
}
