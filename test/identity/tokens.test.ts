import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Argon2PasswordHasher } from '../../src/identity/adapters/argon2-password-hasher.js';
import { SigningKeys } from '../../src/identity/adapters/signing-keys.js';
import { InvalidRefreshToken } from '../../src/identity/domain/errors.js';
import type { Session } from '../../src/identity/domain/session.js';
import { aSession, aUser } from '../support/memory/people.js';
import { Accounts, claimsOf, PASSWORD, SOMEWHERE, tokensOf } from './accounts.js';

const OURS = 'x'.repeat(32);
const OTHER = 'y'.repeat(32);

describe('a refresh token', () => {
  const session = aSession(aUser(), { counter: 4, nonce: tokensOf(OURS).nonce() });

  test('names session and counter, and a MAC of 256 bits', () => {
    const [id, counter, mac, ...rest] = tokensOf(OURS).refresh(session).split('.');
    expect([id, counter, rest]).toEqual([session.id, '4', []]);
    expect(Buffer.from(mac!, 'base64url')).toHaveLength(32);
  });

  test('shows neither nonce nor user', () => {
    const token = tokensOf(OURS).refresh(session);
    expect(token).not.toContain(session.nonce);
    expect(token).not.toContain(session.userId);
  });

  test('is genuine for its session at its counter, whatever the counter of the session is by now', () => {
    const token = tokensOf(OURS).refresh(session);
    expect(tokensOf(OURS).isGenuine(token, session)).toBe(true);
    expect(tokensOf(OURS).isGenuine(token, { ...session, counter: 9 })).toBe(true);
  });

  test('needs the key: of another key it is not genuine', () => {
    expect(tokensOf(OURS).isGenuine(tokensOf(OTHER).refresh(session), session)).toBe(false);
  });

  test('needs what the database keeps: with the key and another nonce it is not genuine', () => {
    const guessed: Session = { ...session, nonce: tokensOf(OURS).nonce() };
    expect(tokensOf(OURS).isGenuine(tokensOf(OURS).refresh(guessed), session)).toBe(false);
  });

  test('is not made with the key of access tokens', () => {
    const { access } = new SigningKeys(OURS).current;
    const mac = createHmac('sha256', access).update(`${session.id}.4.${session.nonce}`).digest('base64url');
    expect(tokensOf(OURS).isGenuine(`${session.id}.4.${mac}`, session)).toBe(false);
  });

  test('is not genuine for another session of the same nonce', () => {
    const other = { ...session, id: aSession(aUser()).id };
    expect(tokensOf(OURS).isGenuine(tokensOf(OURS).refresh(session), other)).toBe(false);
  });
});

describe('minting one', () => {
  let accounts: Accounts;
  let session: Session;
  beforeEach(async () => {
    accounts = new Accounts();
    await accounts.register({ email: 'ada@example.org' });
    const { access } = await accounts.logIn.execute({
      email: 'ada@example.org',
      password: PASSWORD,
      ...SOMEWHERE,
    });
    session = (await accounts.sessions.find(claimsOf(access).sid))!;
  });

  test('takes both: the key and the nonce (control)', async () => {
    await accounts.refresh.execute(tokensOf(OURS).refresh(session));
  });

  test.each<[string, (own: Session) => string]>([
    ['with a copy of the database and another key', (own) => tokensOf(OTHER).refresh(own)],
    [
      'with the key and another nonce',
      (own) => tokensOf(OURS).refresh({ ...own, nonce: tokensOf(OURS).nonce() }),
    ],
    ['with the key and no nonce', (own) => tokensOf(OURS).refresh({ ...own, nonce: '' })],
    ['for a counter that is yet to come', (own) => tokensOf(OURS).refresh({ ...own, counter: 1 })],
  ])('%s is of no use', async (_, mint) => {
    await expect(accounts.refresh.execute(mint(session))).rejects.toBeInstanceOf(InvalidRefreshToken);
    expect(await accounts.sessions.find(session.id)).toEqual(session);
  });

  test('with the secret of before works while that is listed, and its successor is made with the new one', async () => {
    const old = tokensOf(OURS).refresh(session);
    const { refresh } = await accounts.refreshWith(tokensOf(OTHER, OURS)).execute(old);
    await accounts.refreshWith(tokensOf(OTHER)).execute(refresh);
  });

  test('with the secret of before is of no use once that is not listed', async () => {
    const old = tokensOf(OURS).refresh(session);
    await expect(accounts.refreshWith(tokensOf(OTHER)).execute(old)).rejects.toBeInstanceOf(
      InvalidRefreshToken,
    );
  });
});

describe('the signing keys', () => {
  test('of one secret are the same in every process, of two secrets differ, and name themselves by the key id', () => {
    const [one, same, other] = [OURS, OURS, OTHER].map((secret) => new SigningKeys(secret).current);
    expect(one!.kid).toBe(same!.kid);
    expect(one!.access.equals(same!.access)).toBe(true);
    expect(one!.kid).not.toBe(other!.kid);
    expect(one!.access.equals(one!.refresh)).toBe(false);
  });

  test('the newest signs, all are found, and nothing is found by another name', () => {
    const keys = new SigningKeys(OTHER, [OURS]);
    const old = new SigningKeys(OURS).current;
    expect(keys.current.kid).toBe(new SigningKeys(OTHER).current.kid);
    expect(keys.find(old.kid)?.access.equals(old.access)).toBe(true);
    for (const kid of ['', 'ffffffffffff', undefined, null, {}, '__proto__'])
      expect(keys.find(kid)).toBeUndefined();
  });

  test('without a secret one is made, for the owner’s eyes only, and kept for the next start', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cybermed-keys-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const dataDir = join(folder, 'not', 'there', 'yet');
    const settings = { jwtSecret: undefined, jwtPreviousSecrets: [], dataDir };
    const first = SigningKeys.load(settings);
    const file = join(dataDir, 'jwt-secret');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Buffer.from(readFileSync(file, 'utf8'), 'base64url')).toHaveLength(48);
    expect(SigningKeys.load(settings).current.kid).toBe(first.current.kid);
    writeFileSync(file, OTHER);
    expect(SigningKeys.load(settings).current.kid).toBe(new SigningKeys(OTHER).current.kid);
    expect(SigningKeys.load({ ...settings, jwtSecret: OURS }).current.kid).toBe(
      new SigningKeys(OURS).current.kid,
    );
  });
});

describe('a password hash', () => {
  const hasher = new Argon2PasswordHasher();

  test('is Argon2id with 19 MiB and two passes, and another each time', async () => {
    const [one, other] = await Promise.all([hasher.hash(PASSWORD), hasher.hash(PASSWORD)]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
  });

  test('fits its password, and no other', async () => {
    const hash = await hasher.hash(PASSWORD);
    expect(await hasher.verify(hash, PASSWORD)).toBe(true);
    for (const wrong of ['', `${PASSWORD} `, PASSWORD.toUpperCase(), 'nobody has this password']) {
      expect(await hasher.verify(hash, wrong)).toBe(false);
    }
  });

  test('of nobody fits no password, also not that of the decoy', async () => {
    for (const password of [PASSWORD, '', 'nobody has this password']) {
      expect(await hasher.verify(undefined, password)).toBe(false);
    }
  });

  test('of nothing is a hash like any other, and fits no password', async () => {
    const [one, other] = [await hasher.hashOfNothing(), await hasher.hashOfNothing()];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one.length).toBe((await hasher.hash(PASSWORD)).length);
    expect(one).not.toBe(other);
    for (const password of [PASSWORD, '', 'nobody has this password']) {
      expect(await hasher.verify(one, password)).toBe(false);
    }
  });
});
