import { isIP } from 'node:net';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The network that a request came from; see `networkOf`. */
export const Network = createParamDecorator((_: unknown, context: ExecutionContext): string | null =>
  networkOf(context.switchToHttp().getRequest<FastifyRequest>().ip),
);

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * As much of an address as tells one place from another without telling whose machine it is: 24 bits of IPv4
 * (`192.0.2.0/24`), 48 bits of IPv6 (`2001:db8:1::/48`). Null for what is no address.
 */
export function networkOf(address: string): string | null {
  const plain = MAPPED.exec(address)?.[1] ?? address.replace(/%.*$/, '');
  if (isIP(plain) === 4) return `${plain.split('.').slice(0, 3).join('.')}.0/24`;
  if (isIP(plain) !== 6) return null;
  const [before = '', after] = plain.split('::');
  const groups = before === '' ? [] : before.split(':');
  const last = after ? after.split(':') : [];
  // An IPv4 address at the end stands for two groups.
  const left = 8 - groups.length - last.length - (plain.includes('.') ? 1 : 0);
  const zeros = Array<string>(after === undefined ? 0 : left).fill('0');
  const [a, b, c] = [...groups, ...zeros, ...last].map((group) => parseInt(group, 16).toString(16));
  return `${a}:${b}:${c}::/48`;
}
