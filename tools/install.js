// An old Node must come as far as the sentence that refuses it, so this file and start.js do without `node:` names,
// named imports from newer builtins, `?.`, `??` and top-level await.
import { spawn, spawnSync } from 'child_process';
import fs from 'fs';
import { fileURLToPath } from 'url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export function fail(line) {
  console.error(line);
  process.exit(1);
}

/** Whether a version lies in a range of the form `^20.19.0 || >=24.11.0`, the only form that package.json uses. */
export function isSupported(range, version) {
  const have = version.split('.').map((part) => parseInt(part, 10));
  return range.split('||').some((part) => {
    const [, operator, ...least] = /^\s*(\^|>=)(\d+)\.(\d+)\.(\d+)\s*$/.exec(part);
    const want = least.map(Number);
    const differing = [0, 1, 2].find((index) => have[index] !== want[index]);
    const isLater = differing === undefined || have[differing] > want[differing];
    return isLater && (operator === '>=' || have[0] === want[0]);
  });
}

function checkNode() {
  const range = readJson('package.json').engines.node;
  if (isSupported(range, process.versions.node)) return;
  fail(
    `CyberMed needs Node ${range}, and this is ${process.version}. See https://nodejs.org/ or run "nvm install".`,
  );
}

/**
 * Runs a long step as a child and says every ten seconds that it is still at it. Its output is kept for the case that it
 * fails, unless it is `live`. Whatever ends this process ends the child and its children too.
 */
export function run(doing, command, args, { live = false } = {}) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const isWindows = process.platform === 'win32';
  const child = spawn(command, args, {
    cwd: root,
    detached: !isWindows,
    shell: isWindows && command === 'npm',
    stdio: live ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });

  let output = '';
  for (const stream of live ? [] : [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const ticker = live ? undefined : setInterval(() => console.log(`still ${doing} (${seconds()} s)`), 10000);
  const { pid } = child;
  const killAll = () => (isWindows || !pid ? child.kill() : process.kill(-pid));
  const stop = (signal, number) => process.exit(128 + number);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, stop);
  process.on('exit', killAll);

  return new Promise((resolve) => {
    const end = (ok, lastWords) => {
      clearInterval(ticker);
      for (const signal of signals) process.removeListener(signal, stop);
      process.removeListener('exit', killAll);
      resolve({ ok, output: (output + lastWords).trim(), seconds: seconds() });
    };
    child.on('error', (error) => end(false, error.message));
    child.on('close', (code) => end(code === 0, ''));
  });
}

function readJson(path) {
  return JSON.parse(fs.readFileSync(root + path, 'utf8'));
}

/** npm writes this record last, when all is unpacked and compiled, so a broken-off installation has none. */
const RECORD = 'node_modules/.package-lock.json';

/** Why the packages must be installed, or undefined. */
function whyInstall() {
  let installed;
  try {
    installed = readJson(RECORD).packages;
  } catch {
    return 'they are not here yet';
  }
  const locked = readJson('package-lock.json').packages;
  const isMet = (path) => {
    const { version, integrity, optional, devOptional } = locked[path];
    const found = installed[path];
    return found ? found.version === version && found.integrity === integrity : optional || devOptional;
  };
  const isCurrent = Object.keys(locked).every((path) => path === '' || isMet(path));
  if (!isCurrent) return 'package-lock.json has changed';
  // The driver of this Node, as in libs/persistence/sqlite-driver.ts.
  const driver = parseInt(process.versions.node, 10) < 22 ? 'better-sqlite3' : 'better-sqlite3-napi';
  // Opening a database is the only test that sees another Node, platform or architecture, and a script that never ran.
  // In a child, because a native module that failed to load once does not load in that process again.
  const open = `new (require("${driver}"))(":memory:").close()`;
  const { status } = spawnSync(process.execPath, ['-e', open], { cwd: root, stdio: 'ignore' });
  return status === 0 ? undefined : `${driver} is not built for this Node and machine`;
}

/** Refuses a wrong Node, then brings node_modules to what package-lock.json says, if it is not there already. */
export async function ensureInstalled() {
  checkNode();
  const why = whyInstall();
  if (!why) return;
  console.log(
    `Installing the packages with "npm ci": ${why}. It can take a minute or two: a native module may have to be compiled.`,
  );
  try {
    fs.unlinkSync(root + RECORD);
  } catch (error) {
    if (error.code !== 'ENOENT') fail(`node_modules cannot be written: ${error.message}`);
  }
  const { ok, output, seconds } = await run('installing', 'npm', ['ci', '--include=dev'], {
    live: process.stdout.isTTY,
  });
  if (!ok) {
    if (output) console.error(output.split('\n').slice(-40).join('\n'));
    fail(
      `The installation failed after ${seconds} s: npm's last words stand above. Mend it and run this again.`,
    );
  }
  const still = whyInstall();
  if (still)
    fail(`npm ci ended well, but ${still}. Are install scripts off ("npm config get ignore-scripts")?`);
  console.log(`Installed in ${seconds} s.`);
}

const script = process.argv[1];
if (script && fs.realpathSync(script) === fileURLToPath(import.meta.url)) void ensureInstalled();
