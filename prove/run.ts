import process from 'node:process';

/** One long proof of a promise; throws when the promise is broken. */
export type Proof = (args: string[]) => Promise<void>;

const PROOFS: Readonly<Record<string, () => Promise<{ prove: Proof }>>> = {
  backups: () => import('./backups.js'),
  retries: () => import('./retries.js'),
  sessions: () => import('./sessions.js'),
  races: () => import('./races.js'),
  overload: () => import('./overload.js'),
  restarts: () => import('./restarts.js'),
  capacity: () => import('./capacity.js'),
  crashes: () => import('./crashes.js'),
  zones: () => import('./zones.js'),
  enumeration: () => import('./enumeration.js'),
  listing: () => import('./listing.js'),
  input: () => import('./input.js'),
  images: () => import('./images.js'),
};

const [name = '', ...args] = process.argv.slice(2);
const proof = Object.hasOwn(PROOFS, name) ? PROOFS[name] : undefined;
if (proof === undefined) {
  console.error(`Usage: npm run prove -- <${Object.keys(PROOFS).join(' | ')}> [options]`);
  process.exit(2);
}
try {
  await (await proof()).prove(args);
  // Whatever a proof still has open ends with it.
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
