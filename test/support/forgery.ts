import { createHmac, type KeyObject } from 'node:crypto';

export type Claims = Record<string, unknown>;

/** An access token in its parts, and the key that signs it. */
export interface Token {
  header: Record<string, unknown>;
  claims: Claims;
  key: KeyObject;
}

const HASHES: Record<string, string> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

export interface Forgery {
  header?: object;
  claims?: object;
  key?: KeyObject;
  /** Signs by this hash, whatever the header says. */
  hash?: string;
}

/** A token with something changed, signed with whatever its header says: not at all where that names no HMAC. */
export function forge(token: Token, change: Forgery = {}): string {
  const claims = { ...token.claims, ...change.claims };
  return signed(token, { ...token.header, ...change.header }, JSON.stringify(claims), change);
}

/** A token whose claims are this text. */
export function forgeText(token: Token, claims: string): string {
  return signed(token, token.header, claims, {});
}

function signed({ key }: Token, header: Token['header'], claims: string, change: Forgery): string {
  const text = [JSON.stringify(header), claims]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
  const hash = change.hash ?? HASHES[String(header['alg'])];
  if (hash === undefined) return `${text}.`;
  return `${text}.${createHmac(hash, change.key ?? key)
    .update(text)
    .digest('base64url')}`;
}

export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Claims;
}

/** Every part of a token but for its dots with one letter changed, at its ends and in between. */
export function mutationsOf(token: string, apart = 12): string[] {
  const mutations: string[] = [];
  for (const [i, letter] of token.split('').entries()) {
    const isEdge = i === 0 || i === token.length - 1 || token[i - 1] === '.' || token[i + 1] === '.';
    if (letter === '.' || (!isEdge && i % apart !== 0)) continue;
    mutations.push(token.slice(0, i) + (letter === 'A' ? 'B' : 'A') + token.slice(i + 1));
  }
  return mutations;
}
