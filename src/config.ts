import { join, resolve } from 'node:path';
import { isSupportedCountry } from 'libphonenumber-js/min';
import { z } from 'zod';
import { isZoneName } from '#libs/nest/fields.js';

const onOff = z.enum(['on', 'off'], 'set it to on or off').transform((value) => value === 'on');
const yesNo = z.enum(['true', 'false'], 'set it to true or false').transform((value) => value === 'true');
const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `set it to a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `set it to a whole number from ${min} to ${max}`);
const url = (form: RegExp, remedy: string) =>
  z.string().refine((value) => form.test(value) && URL.canParse(value), remedy);
const secret = z
  .string()
  .refine(
    (value) => Buffer.byteLength(value) >= 32,
    'use at least 32 bytes, for example from: openssl rand -base64 48',
  );

const secrets = z
  .string()
  .transform((value) => value.split(',').map((one) => one.trim()))
  .pipe(z.array(secret));

/** Origins as browsers send them: scheme, host and a port that is not the scheme's own; nothing after it. */
const origins = z
  .string()
  .transform((value) => value.split(',').map((one) => one.trim()))
  .pipe(
    z.array(z.string().refine(isOrigin, 'list exact origins, such as https://clinic.example: no *, no path')),
  );

function isOrigin(value: string): boolean {
  return /^https?:\/\/[^*]+$/.test(value) && URL.canParse(value) && new URL(value).origin === value;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;

const settings = z.object({
  NODE_ENV: z
    .enum(['development', 'production', 'test'], 'set it to development, production or test')
    .default('development'),
  PORT: integer(0, 65535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: z
    .string()
    .regex(
      /^(sqlite:(?!:memory:).|postgres(ql)?:\/\/.|(mysql|mariadb):\/\/.)/,
      'use sqlite:<file> (:memory: is no file), postgres://… or mysql://…',
    )
    .refine((value) => value.startsWith('sqlite:') || URL.canParse(value), 'it is no valid URL')
    .optional(),
  // A node that migrates holds a lock on one connection and works on another.
  DATABASE_POOL: integer(2, 200).default(10),
  JWT_SECRET: secret.optional(),
  JWT_PREVIOUS_SECRETS: secrets.optional(),
  AUDIT_KEY: secret.optional(),
  AUDIT_PREVIOUS_KEYS: secrets.optional(),
  TRUSTED_PROXY_HOPS: integer(0, 10).default(0),
  CORS_ORIGINS: origins.default([]),
  RATE_LIMITS: onOff.optional(),
  REDIS_URL: z
    .string()
    .refine(
      (value) => /^rediss?:\/\/./.test(value) && URL.canParse(value),
      'use a valid redis://… or rediss://…',
    )
    .optional(),
  DEMO: yesNo.optional(),
  DOCS: onOff.optional(),
  METRICS: onOff.optional(),
  MAX_CONCURRENT_REQUESTS: integer(1, 100_000).default(200),
  MIN_FREE_DISK_MB: integer(0, 1_000_000_000).default(200),
  DRAIN_SECONDS: integer(0, 10).optional(),
  DEFAULT_TIME_ZONE: z
    .string()
    .refine(isZoneName, 'use the name of an IANA zone, such as Europe/Berlin')
    .default('UTC'),
  DEFAULT_PHONE_REGION: z
    .string()
    .refine(isSupportedCountry, 'use a country code of two letters, such as DE')
    .optional(),
  CARE_ACCESS_DAYS: integer(0, 36_500).default(365),
  LOG_LEVEL: z.enum(LOG_LEVELS, `set it to one of ${LOG_LEVELS.join(', ')}`).optional(),
  SMTP_URL: url(/^smtps?:\/\/./, 'use a valid smtp://… or smtps://…').optional(),
  MAIL_FROM: z
    .string()
    .regex(
      /^([^<>@\r\n"]+<)?[^<>@\s"]+@[^<>@\s"]+>?$/,
      'use an address, such as Clinic <no-reply@clinic.example>',
    )
    .optional(),
  PUBLIC_URL: url(/^https?:\/\/[^?#]+$/, 'use a valid http(s)://… without ? and #')
    .transform((value) => value.replace(/\/+$/, ''))
    .optional(),
  EMAIL_VERIFICATION: z.enum(['off', 'required'], 'set it to off or required').optional(),
  DOCTOR_APPROVAL: z.enum(['automatic', 'manual'], 'set it to automatic or manual').optional(),
});

export type DatabaseTarget =
  | { kind: 'sqlite'; file: string }
  /** MySQL or MariaDB, which speak one protocol. */
  | { kind: 'postgres' | 'mysql'; url: string };

/** What a `DATABASE_URL` that passed the checks means. */
export function targetOf(url: string): DatabaseTarget {
  if (url.startsWith('sqlite:')) return { kind: 'sqlite', file: resolve(url.slice('sqlite:'.length)) };
  return { kind: url.startsWith('postgres') ? 'postgres' : 'mysql', url: url.replace(/^mariadb:/, 'mysql:') };
}

/** For people and logs: where the data is, without a password. */
export function describeTarget(target: DatabaseTarget): string {
  if (target.kind === 'sqlite') return target.file;
  const { protocol, host, pathname } = new URL(target.url);
  return `${protocol}//${host}${pathname}`;
}

/** The environment does not describe a server that could start; the message names every fault and its remedy. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/** Passwords that stand in examples, of ours and of others. */
const SAMPLES =
  /^(password|passwort|secret|example|sample|changeme|change-me|cybermed|postgres|root|admin|test)$/i;

/** Fewer different characters than any 32 random bytes have, or words that ask to be replaced. */
function isSampleSecret(value: string): boolean {
  return new Set(value).size < 8 || /(change|replace)[ _-]?(me|this)|your[ _-]?secret|example/i.test(value);
}

/** Each with those before it. */
const SECRETS = [
  ['JWT_SECRET', 'JWT_PREVIOUS_SECRETS'],
  ['AUDIT_KEY', 'AUDIT_PREVIOUS_KEYS'],
] as const;

/** What is well for trying out, and for nobody's data. */
function faultsInProduction(env: NodeJS.ProcessEnv): string[] {
  const faults: string[] = [];
  const { DATABASE_URL, CORS_ORIGINS } = env;
  const make = 'make one with: openssl rand -base64 48';
  for (const [name, former] of SECRETS) {
    if (env[name] === undefined) faults.push(`${name}: required in production; ${make}`);
    else if (isSampleSecret(env[name])) faults.push(`${name}: it is a sample; ${make}`);
    if (env[former]?.split(',').some((one) => isSampleSecret(one.trim())))
      faults.push(`${former}: it is a sample; ${make}`);
  }
  if (env['AUDIT_KEY'] !== undefined && env['AUDIT_KEY'] === env['JWT_SECRET'])
    faults.push('AUDIT_KEY: it is JWT_SECRET; make one of its own with: openssl rand -base64 48');
  const url = DATABASE_URL !== undefined && URL.canParse(DATABASE_URL) ? new URL(DATABASE_URL) : undefined;
  if (SAMPLES.test(url?.password ?? ''))
    faults.push('DATABASE_URL: its password is a sample; make one with: openssl rand -hex 32');
  if (CORS_ORIGINS?.split(',').some((one) => one.trim().startsWith('http:')))
    faults.push('CORS_ORIGINS: in production use https, since anybody on the way could be an http origin');
  if (env['RATE_LIMITS'] === 'off') faults.push('RATE_LIMITS: in production requests are limited: remove it');
  return faults;
}

/** The environment, read once. Every setting stands in `.env.example` with its meaning. */
export class Config {
  readonly production: boolean;
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly database: DatabaseTarget;
  /** Connections of one node to a database server. */
  readonly databasePool: number;
  /** Undefined outside production: then one is made and kept in the data folder. */
  readonly jwtSecret: string | undefined;
  readonly jwtPreviousSecrets: readonly string[];
  /** Undefined outside production: then one is made and kept in the data folder. */
  readonly auditKey: string | undefined;
  /** Under which older parts of the audit trail were sealed. */
  readonly auditPreviousKeys: readonly string[];
  /** Proxies in front, each of which adds the address that it sees to `X-Forwarded-For`. */
  readonly trustedProxyHops: number;
  /** Of pages that may call the API from browsers. */
  readonly corsOrigins: readonly string[];
  readonly rateLimits: boolean;
  /** Where requests of all nodes are counted together; undefined: each node counts its own. */
  readonly redisUrl: string | undefined;
  readonly demo: boolean;
  readonly docs: boolean;
  readonly metrics: boolean;
  /** More at once are refused. */
  readonly maxConcurrentRequests: number;
  /** With less beside an SQLite file the node is not ready. */
  readonly minFreeDiskMb: number;
  /** How long a node that stops serves on, so that proxies can notice. */
  readonly drainSeconds: number;
  readonly defaultTimeZone: string;
  readonly defaultPhoneRegion: string | undefined;
  readonly careAccessDays: number;
  /** Undefined: mail is kept in the data folder outside production, and goes nowhere in it. */
  readonly smtpUrl: string | undefined;
  /** Whether mail that is kept is shown at `/dev/mail/`, to whoever reaches the server. */
  readonly showsMail: boolean;
  /** Whom mail is from. */
  readonly mailFrom: string;
  /** Of the clinic's pages for people, without a slash at its end; undefined where there are none. */
  readonly publicUrl: string | undefined;
  /** Whether a new account works only when its email was verified. */
  readonly emailVerification: boolean;
  /** Whether a doctor is approved by filling in the profile, or by an admin. */
  readonly doctorApproval: 'automatic' | 'manual';
  readonly logLevel: (typeof LOG_LEVELS)[number];

  private constructor(env: z.infer<typeof settings>) {
    this.production = env.NODE_ENV === 'production';
    this.port = env.PORT;
    this.host = env.HOST;
    this.dataDir = resolve(env.DATA_DIR);
    this.database = targetOf(env.DATABASE_URL ?? `sqlite:${join(this.dataDir, 'cybermed.db')}`);
    this.databasePool = env.DATABASE_POOL;
    this.jwtSecret = env.JWT_SECRET;
    this.jwtPreviousSecrets = env.JWT_PREVIOUS_SECRETS ?? [];
    this.auditKey = env.AUDIT_KEY;
    this.auditPreviousKeys = env.AUDIT_PREVIOUS_KEYS ?? [];
    this.trustedProxyHops = env.TRUSTED_PROXY_HOPS;
    this.corsOrigins = env.CORS_ORIGINS;
    this.rateLimits = env.RATE_LIMITS ?? true;
    this.redisUrl = env.REDIS_URL;
    this.demo = env.DEMO ?? !this.production;
    this.docs = env.DOCS ?? !this.production;
    this.metrics = env.METRICS ?? !this.production;
    this.maxConcurrentRequests = env.MAX_CONCURRENT_REQUESTS;
    this.minFreeDiskMb = env.MIN_FREE_DISK_MB;
    this.drainSeconds = env.DRAIN_SECONDS ?? (this.production ? 3 : 0);
    this.defaultTimeZone = env.DEFAULT_TIME_ZONE;
    this.defaultPhoneRegion = env.DEFAULT_PHONE_REGION;
    this.careAccessDays = env.CARE_ACCESS_DAYS;
    this.smtpUrl = env.SMTP_URL;
    this.showsMail = this.demo && !this.production && this.smtpUrl === undefined;
    this.mailFrom = env.MAIL_FROM ?? 'CyberMed <no-reply@localhost>';
    this.publicUrl = env.PUBLIC_URL;
    const verification = env.EMAIL_VERIFICATION ?? (this.production && this.smtpUrl ? 'required' : 'off');
    this.emailVerification = verification === 'required';
    this.doctorApproval = env.DOCTOR_APPROVAL ?? (this.production ? 'manual' : 'automatic');
    this.logLevel = env.LOG_LEVEL ?? (this.production ? 'info' : 'warn');
    Object.freeze(this);
  }

  /** Throws ConfigError. A variable that is set but empty counts as absent. */
  static parse(environment: NodeJS.ProcessEnv): Config {
    const env = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
    const parsed = settings.safeParse(env);
    const faults = parsed.success
      ? []
      : parsed.error.issues.map((issue) => `${issue.path[0]?.toString()}: ${issue.message}`);
    if (env['NODE_ENV'] === 'production') faults.push(...faultsInProduction(env));
    if (
      env['NODE_ENV'] === 'production' &&
      env['EMAIL_VERIFICATION'] === 'required' &&
      env['SMTP_URL'] === undefined
    ) {
      faults.push('SMTP_URL: required where EMAIL_VERIFICATION=required, or nobody could open an account');
    }
    if (env['SMTP_URL']?.startsWith('smtp') && env['MAIL_FROM'] === undefined) {
      faults.push('MAIL_FROM: required beside SMTP_URL, such as Clinic <no-reply@clinic.example>');
    }
    if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
    return new Config(parsed.data);
  }
}
