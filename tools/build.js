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

const DIST = `${root}dist`;

/** Of the compiler itself, when it builds in place: what a stamp says is then no longer sure. */
const IN_PLACE = `${DIST}/.tsbuildinfo`;

/** What builds left behind whose process is gone. */
function removeBrokenOff() {
  for (const name of fs.readdirSync(root)) {
    const [, pid] = /^dist-(\d+)$/.exec(name) || [];
    if (!pid) continue;
    try {
      process.kill(Number(pid), 0);
    } catch (error) {
      if (error.code === 'ESRCH') fs.rmSync(root + name, { recursive: true, force: true });
    }
  }
}

/** Several may build at once: each takes away what it finds, and the last one's is left, whole. */
function putInPlace(made) {
  for (let attempt = 1; ; attempt++) {
    try {
      fs.rmSync(DIST, { recursive: true, force: true });
      return fs.renameSync(made, DIST);
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}

/** Brings dist/ to what the sources say, if it is not there already. */
export async function ensureBuilt({ proofs = false } = {}) {
  const wanted = (proofs ? [PRODUCT, PROOFS] : [PRODUCT]).map((target) => ({
    ...target,
    from: fingerprint(target),
  }));
  const isCurrent = ({ stamp, from }) =>
    fs.existsSync(`${DIST}/${stamp}`) && fs.readFileSync(`${DIST}/${stamp}`, 'utf8') === from;
  if (!fs.existsSync(IN_PLACE) && wanted.every(isCurrent)) return;
  console.log('Building from the sources: some seconds, up to half a minute.');
  // Aside, so that a build that is broken off leaves nothing that looks like one.
  const made = `${DIST}-${process.pid}`;
  const { project } = wanted[wanted.length - 1];
  // Types were checked before they came here, and are by `npm run check`: to do it again takes most of the time.
  const compiler = ['node_modules/typescript/bin/tsc', '-p', project, '--noCheck', '--outDir', made];
  const whole = ['--incremental', 'false', '--tsBuildInfoFile', 'null'];
  removeBrokenOff();
  const { ok, output, seconds } = await run('building', process.execPath, [...compiler, ...whole]);
  if (!ok) {
    fs.rmSync(made, { recursive: true, force: true });
    console.error(output);
    fail(`The build failed after ${seconds} s: the compiler's errors stand above.`);
  }
  for (const { stamp, from } of wanted) fs.writeFileSync(`${made}/${stamp}`, from);
  putInPlace(made);
  console.log(`Built in ${seconds} s.`);
}
