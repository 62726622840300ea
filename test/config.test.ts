import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Config, ConfigError, describeTarget } from '../src/config.js';

const SECRET = 'q8Zt1vWc4Lx7Rb0Ny5Jm2Hd9Kf6Gs3Pa';
const SECRETS = { JWT_SECRET: SECRET, AUDIT_KEY: 'Zu5Hy1Ek8Ta3Qi7Wo2Xn6Cb9Vp4Dm0Lr' };

/** The lines of the message, each of which names a setting and its remedy. */
function faultsOf(environment: NodeJS.ProcessEnv): string[] {
  try {
    Config.parse(environment);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message.split('\n');
  }
}

test('an empty environment is enough to develop with', () => {
  expect(Config.parse({})).toEqual({
    production: false,
    port: 3000,
    host: '127.0.0.1',
    dataDir: resolve('data'),
    database: { kind: 'sqlite', file: resolve('data/cybermed.db') },
    databasePool: 10,
    jwtSecret: undefined,
    jwtPreviousSecrets: [],
    auditKey: undefined,
    auditPreviousKeys: [],
    trustedProxyHops: 0,
    corsOrigins: [],
    rateLimits: true,
    redisUrl: undefined,
    demo: true,
    docs: true,
    metrics: true,
    maxConcurrentRequests: 200,
    minFreeDiskMb: 200,
    drainSeconds: 0,
    defaultTimeZone: 'UTC',
    defaultPhoneRegion: undefined,
    doctorApproval: 'automatic',
    careAccessDays: 365,
    smtpUrl: undefined,
    showsMail: true,
    mailFrom: 'CyberMed <no-reply@localhost>',
    publicUrl: undefined,
    emailVerification: false,
    logLevel: 'warn',
  });
});

test('in production two secrets are enough; nothing is filled with a demo clinic, nothing is shown, and more is logged', () => {
  expect(Config.parse({ NODE_ENV: 'production', ...SECRETS })).toMatchObject({
    production: true,
    jwtSecret: SECRET,
    demo: false,
    docs: false,
    metrics: false,
    drainSeconds: 3,
    logLevel: 'info',
  });
});

test('emails are verified in production where mail is sent, unless that is told otherwise', () => {
  const production = { NODE_ENV: 'production', ...SECRETS };
  const mail = { SMTP_URL: 'smtp://mail.example.org', MAIL_FROM: 'a@b.example' };
  const isOn = (env: NodeJS.ProcessEnv) => Config.parse(env).emailVerification;
  expect([isOn(production), isOn({ ...production, ...mail }), isOn(mail)]).toEqual([false, true, false]);
  expect(isOn({ ...production, ...mail, EMAIL_VERIFICATION: 'off' })).toBe(false);
});

test('every setting is read', () => {
  const config = Config.parse({
    NODE_ENV: 'test',
    PORT: '0',
    HOST: '::1',
    DATA_DIR: '/srv/clinic',
    DATABASE_URL: 'sqlite:/srv/other/clinic.db',
    JWT_SECRET: SECRET,
    AUDIT_KEY: 'c'.repeat(32),
    AUDIT_PREVIOUS_KEYS: 'd'.repeat(32),
    JWT_PREVIOUS_SECRETS: `${'a'.repeat(32)}, ${'b'.repeat(40)}`,
    TRUSTED_PROXY_HOPS: '2',
    CORS_ORIGINS: 'https://clinic.example, http://localhost:5173,http://[::1]:3000',
    RATE_LIMITS: 'off',
    REDIS_URL: 'rediss://:secret@cache:6380/2',
    DEMO: 'false',
    DOCS: 'off',
    METRICS: 'off',
    MAX_CONCURRENT_REQUESTS: '50',
    MIN_FREE_DISK_MB: '0',
    DRAIN_SECONDS: '10',
    DEFAULT_TIME_ZONE: 'Asia/Kolkata',
    DEFAULT_PHONE_REGION: 'DE',
    CARE_ACCESS_DAYS: '0',
    SMTP_URL: 'smtps://ann:secret@mail.example.org',
    MAIL_FROM: 'Clinic <no-reply@clinic.example>',
    PUBLIC_URL: 'https://clinic.example/app/',
    EMAIL_VERIFICATION: 'required',
    LOG_LEVEL: 'debug',
  });
  expect(config).toEqual({
    production: false,
    port: 0,
    host: '::1',
    dataDir: '/srv/clinic',
    database: { kind: 'sqlite', file: '/srv/other/clinic.db' },
    databasePool: 10,
    jwtSecret: SECRET,
    jwtPreviousSecrets: ['a'.repeat(32), 'b'.repeat(40)],
    auditKey: 'c'.repeat(32),
    auditPreviousKeys: ['d'.repeat(32)],
    trustedProxyHops: 2,
    corsOrigins: ['https://clinic.example', 'http://localhost:5173', 'http://[::1]:3000'],
    rateLimits: false,
    redisUrl: 'rediss://:secret@cache:6380/2',
    demo: false,
    docs: false,
    metrics: false,
    maxConcurrentRequests: 50,
    minFreeDiskMb: 0,
    drainSeconds: 10,
    defaultTimeZone: 'Asia/Kolkata',
    defaultPhoneRegion: 'DE',
    doctorApproval: 'automatic',
    careAccessDays: 0,
    smtpUrl: 'smtps://ann:secret@mail.example.org',
    showsMail: false,
    mailFrom: 'Clinic <no-reply@clinic.example>',
    publicUrl: 'https://clinic.example/app',
    emailVerification: true,
    logLevel: 'debug',
  });
});

test('the file of the database lies in the data folder unless it is named', () => {
  const fileOf = (env: NodeJS.ProcessEnv) => Config.parse(env).database;
  expect(fileOf({ DATA_DIR: '/srv/clinic' })).toEqual({ kind: 'sqlite', file: '/srv/clinic/cybermed.db' });
  expect(fileOf({ DATABASE_URL: 'sqlite:clinic.db' })).toEqual({
    kind: 'sqlite',
    file: resolve('clinic.db'),
  });
});

test('a server is told from its URL, and shown without its password', () => {
  const { database } = Config.parse({ DATABASE_URL: 'mariadb://ann:secret@db:3307/clinic' });
  expect(database).toEqual({ kind: 'mysql', url: 'mysql://ann:secret@db:3307/clinic' });
  expect(describeTarget(database)).toBe('mysql://db:3307/clinic');
});

test('what is set but empty counts as absent', () => {
  const names = ['PORT', 'JWT_SECRET', 'DATABASE_URL', 'DEMO', 'DEFAULT_TIME_ZONE', 'SMTP_URL', 'METRICS'];
  expect(Config.parse(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(Config.parse({}));
});

test('what is not ours is not looked at', () => {
  expect(faultsOf({ PATH: '/bin', LANG: 'C', npm_config_port: 'x' })).toEqual([]);
});

test('it cannot be changed', () => {
  const config = Config.parse({});
  expect(Object.isFrozen(config)).toBe(true);
  expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
});

describe('a wrong setting is named with its remedy:', () => {
  const WRONG: readonly [name: string, value: string, remedy: RegExp][] = [
    ['NODE_ENV', 'staging', /set it to development, production or test/],
    ['PORT', '65536', /whole number from 0 to 65535/],
    ['PORT', '-1', /whole number from 0 to 65535/],
    ['PORT', '80.5', /whole number from 0 to 65535/],
    ['PORT', '3000 ', /whole number from 0 to 65535/],
    ['PORT', '0x50', /whole number from 0 to 65535/],
    ['DATABASE_URL', 'oracle://db/clinic', /sqlite:<file>.*postgres.*mysql/],
    ['DATABASE_URL', 'postgres://db:port/clinic', /no valid URL/],
    ['DATABASE_POOL', '1', /whole number from 2 to 200/],
    ['DATABASE_URL', 'sqlite:', /sqlite:<file>/],
    ['DATABASE_URL', 'sqlite::memory:', /:memory:/],
    ['JWT_SECRET', 'x'.repeat(31), /at least 32 bytes.*openssl/],
    ['JWT_PREVIOUS_SECRETS', `${SECRET},short`, /at least 32 bytes/],
    ['JWT_PREVIOUS_SECRETS', `${SECRET},`, /at least 32 bytes/],
    ['AUDIT_KEY', 'x'.repeat(31), /at least 32 bytes.*openssl/],
    ['AUDIT_PREVIOUS_KEYS', `${SECRET},short`, /at least 32 bytes/],
    ['DEMO', 'yes', /set it to true or false/],
    ['DOCS', 'true', /set it to on or off/],
    ['DEFAULT_TIME_ZONE', 'Mars/Olympus', /IANA zone, such as Europe\/Berlin/],
    ['DEFAULT_TIME_ZONE', '+02:00', /IANA zone/],
    ['DEFAULT_PHONE_REGION', 'Germany', /country code of two letters/],
    ['CARE_ACCESS_DAYS', 'forever', /whole number from 0 to 36500/],
    ['LOG_LEVEL', 'loud', /set it to one of fatal, error, warn, info, debug, silent/],
    ['DOCTOR_APPROVAL', 'sometimes', /set it to automatic or manual/],
    ['EMAIL_VERIFICATION', 'on', /set it to off or required/],
    ['RATE_LIMITS', 'yes', /set it to on or off/],
    ['REDIS_URL', 'memcached://cache', /redis:\/\//],
    ['METRICS', 'yes', /set it to on or off/],
    ['MAX_CONCURRENT_REQUESTS', '0', /whole number from 1 to 100000/],
    ['MIN_FREE_DISK_MB', '-1', /whole number from 0 to 1000000000/],
    ['DRAIN_SECONDS', '11', /whole number from 0 to 10/],
    ['PUBLIC_URL', 'clinic.example', /use a valid http\(s\):/],
    ['PUBLIC_URL', 'https://clinic.example/?a', /without \? and #/],
    ['PUBLIC_URL', 'https://clinic:x/', /use a valid http/],
    ['CORS_ORIGINS', '*', /exact origins, such as https:\/\/clinic.example: no \*, no path/],
    ['CORS_ORIGINS', 'https://*.clinic.example', /exact origins/],
    ['CORS_ORIGINS', 'https://clinic.example/', /exact origins/],
    ['CORS_ORIGINS', 'https://clinic.example/app', /exact origins/],
    ['CORS_ORIGINS', 'https://clinic.example:443', /exact origins/],
    ['CORS_ORIGINS', 'https://Clinic.example', /exact origins/],
    ['CORS_ORIGINS', 'clinic.example', /exact origins/],
    ['CORS_ORIGINS', 'null', /exact origins/],
    ['CORS_ORIGINS', 'https://clinic.example,', /exact origins/],
    ['TRUSTED_PROXY_HOPS', '11', /whole number from 0 to 10/],
    ['TRUSTED_PROXY_HOPS', 'true', /whole number from 0 to 10/],
    ['SMTP_URL', 'mail.example.org', /use a valid smtp:.* or smtps:/],
    ['MAIL_FROM', 'clinic', /use an address/],
    ['MAIL_FROM', 'Clinic <a@b>, Eve <c@d>', /use an address/],
    ['MAIL_FROM', 'a@b.example\r\nBcc: eve@example.org', /use an address/],
  ];

  test.each(WRONG)('%s=%s', (name, value, remedy) => {
    const faults = faultsOf({ [name]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${name}: `));
    expect(faults[0]).toMatch(remedy);
  });

  test('all of them at once', () => {
    const wrong = Object.fromEntries(WRONG.map(([name, value]) => [name, value]));
    const named = faultsOf(wrong).map((fault) => fault.split(':')[0]);
    expect(new Set(named)).toEqual(new Set(Object.keys(wrong)));
    expect(named).toHaveLength(Object.keys(wrong).length);
  });

  test('a missing secret in production, together with what else is wrong', () => {
    expect(faultsOf({ NODE_ENV: 'production', PORT: 'x' })).toEqual([
      expect.stringMatching(/^PORT: /),
      expect.stringMatching(/^JWT_SECRET: required in production; make one with: openssl/),
      expect.stringMatching(/^AUDIT_KEY: required in production; make one with: openssl/),
    ]);
  });

  test('emails that are to be verified, and no mail server in production', () => {
    const required = { EMAIL_VERIFICATION: 'required' };
    expect(faultsOf({ ...required, NODE_ENV: 'production', ...SECRETS })).toEqual([
      expect.stringMatching(/^SMTP_URL: required where EMAIL_VERIFICATION=required/),
    ]);
    expect(faultsOf(required)).toEqual([]);
  });

  test('no sender beside a mail server, together with what else is wrong', () => {
    expect(faultsOf({ SMTP_URL: 'smtp://mail.example.org', PORT: 'x' })).toEqual([
      expect.stringMatching(/^PORT: /),
      expect.stringMatching(/^MAIL_FROM: required beside SMTP_URL/),
    ]);
  });

  test('in production whatever is only for trying out, all of it at once', () => {
    const trial = {
      NODE_ENV: 'production',
      JWT_SECRET: 'x'.repeat(64),
      JWT_PREVIOUS_SECRETS: `${SECRET},change-me-change-me-change-me-1234`,
      AUDIT_KEY: 'y'.repeat(64),
      DATABASE_URL: 'postgres://cybermed:password@127.0.0.1:5432/cybermed',
      CORS_ORIGINS: 'https://clinic.example,http://clinic.example',
      RATE_LIMITS: 'off',
      PORT: 'x',
    };
    expect(faultsOf(trial)).toEqual([
      expect.stringMatching(/^PORT: /),
      expect.stringMatching(/^JWT_SECRET: it is a sample; make one with: openssl/),
      expect.stringMatching(/^JWT_PREVIOUS_SECRETS: it is a sample/),
      expect.stringMatching(/^AUDIT_KEY: it is a sample; make one with: openssl/),
      expect.stringMatching(/^DATABASE_URL: its password is a sample/),
      expect.stringMatching(/^CORS_ORIGINS: in production use https/),
      expect.stringMatching(/^RATE_LIMITS: in production requests are limited/),
    ]);
    expect(faultsOf({ ...trial, NODE_ENV: 'development' })).toEqual([expect.stringMatching(/^PORT: /)]);
  });

  test('in production one secret for two things: whoever gets at it could let themself in, and rewrite the trail of it', () => {
    const one = { NODE_ENV: 'production', JWT_SECRET: SECRET, AUDIT_KEY: SECRET };
    expect(faultsOf(one)).toEqual([
      expect.stringMatching(/^AUDIT_KEY: it is JWT_SECRET; make one of its own with: openssl/),
    ]);
    expect(faultsOf({ ...one, NODE_ENV: 'development' })).toEqual([]);
  });

  test('in production, of .env.example, no secret as it stands there', () => {
    const samples = Object.fromEntries(
      [...readFileSync('.env.example', 'utf8').matchAll(/^#?(DATABASE_URL|JWT_\w+|AUDIT_\w+)=(.+)$/gm)].map(
        ([, name, value]) => [name!, value!],
      ),
    );
    expect(samples['DATABASE_URL']).toContain(':password@');
    expect(faultsOf({ NODE_ENV: 'production', ...SECRETS, ...samples })).toEqual([
      expect.stringMatching(/^DATABASE_URL: its password is a sample/),
    ]);
  });

  test('in production no secret that was made at random', () => {
    for (let i = 0; i < 200; i++) {
      for (const encoding of ['base64', 'hex'] as const) {
        const [JWT_SECRET, AUDIT_KEY] = [1, 2].map(() => randomBytes(48).toString(encoding));
        expect(faultsOf({ NODE_ENV: 'production', JWT_SECRET, AUDIT_KEY })).toEqual([]);
      }
    }
  });

  test('never by its value, if it is a secret', () => {
    const faults = faultsOf({ JWT_SECRET: 'hunter2', JWT_PREVIOUS_SECRETS: 'hunter2', AUDIT_KEY: 'hunter2' });
    expect(faults).toHaveLength(3);
    expect(faults.join()).not.toContain('hunter2');
  });
});

test('settings whose features come later may say what is true today', () => {
  const today = {
    DOCTOR_APPROVAL: 'automatic',
  };
  expect(Config.parse(today)).toEqual(Config.parse({}));
});

test('every setting stands in .env.example, and nothing else does', () => {
  const names = (file: string, pattern: RegExp) =>
    new Set([...readFileSync(file, 'utf8').matchAll(pattern)].map(([, name]) => name!));
  const settings = names('src/config.ts', /^ {2}([A-Z_]+): /gm);
  expect(settings.size).toBeGreaterThan(10);
  expect(names('.env.example', /^#?([A-Z_]+)=/gm)).toEqual(settings);
});
