import process from 'node:process';

/** One long proof of a promise; throws when the promise is broken. */
export type Proof = (args: string[]) => Promise<void>;

interface Entry {
  what: string;
  load: () => Promise<{ prove: Proof }>;
}

/** Every proof. The documents point to this list, and keep none of their own. */
const PROOFS: Readonly<Record<string, Entry>> = {
  races: {
    what: 'a time is given once, by several nodes on each database, also while rules change',
    load: () => import('./races.js'),
  },
  retries: {
    what: 'a request that is sent again has one effect, while nodes are killed and replies are lost',
    load: () => import('./retries.js'),
  },
  crashes: {
    what: 'what was acknowledged is there after any kill, of the application or of the database server',
    load: () => import('./crashes.js'),
  },
  restarts: {
    what: 'two nodes behind a proxy are replaced in turn, and no request fails',
    load: () => import('./restarts.js'),
  },
  overload: {
    what: 'five times what a node can do is refused, and what it can do is served',
    load: () => import('./overload.js'),
  },
  backups: {
    what: 'backups under load restore to one moment; needs the clients of the servers',
    load: () => import('./backups.js'),
  },
  sessions: {
    what: 'nothing is accepted after a logout, also of a refresh at another node',
    load: () => import('./sessions.js'),
  },
  enumeration: {
    what: 'neither an answer nor its time tells that an email has an account',
    load: () => import('./enumeration.js'),
  },
  input: {
    what: 'hostile requests to every operation crash nothing and are answered as the OpenAPI document says',
    load: () => import('./input.js'),
  },
  images: {
    what: 'damaged pictures, sent as photos, crash nothing',
    load: () => import('./images.js'),
  },
  zones: {
    what: 'what is listed is what the clocks show, every day of five years in twelve zones',
    load: () => import('./zones.js'),
  },
  listing: {
    what: 'what a list of slots costs without the database; times only',
    load: () => import('./listing.js'),
  },
  capacity: {
    what: 'what a node does on this machine, and what an appointment costs; figures only',
    load: () => import('./capacity.js'),
  },
};

const USAGE = `Usage: npm run prove -- <proof> [options]

${Object.entries(PROOFS)
  .map(([name, { what }]) => `  ${name.padEnd(12)} ${what}`)
  .join('\n')}

What each does, and the options that make it shorter, stand in the comment of prove() in prove/<proof>.ts.`;

const [name = '', ...args] = process.argv.slice(2);
const proof = Object.hasOwn(PROOFS, name) ? PROOFS[name] : undefined;
if (proof === undefined) {
  console.error(USAGE);
  process.exit(2);
}
try {
  await (await proof.load()).prove(args);
  // Whatever a proof still has open ends with it.
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
