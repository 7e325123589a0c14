import { getConnInfo } from '@hono/node-server/conninfo';
import { isIP, isIPv6 } from 'node:net';
import type { RequestContext } from './context.js';

/**
 * Where a request comes from: the peer's address or, behind `trustedProxies` proxies of our own, the one the outermost of them
 * saw. What a client itself writes into X-Forwarded-For stands further left and is not looked at.
 * @returns an IPv4 address, or the /64 network of an IPv6 one: a single customer has all of that
 */
export function sourceAddress(context: RequestContext, trustedProxies: number): string {
  const peer = getConnInfo(context).remote.address ?? 'unknown';
  if (trustedProxies === 0) return network(peer);
  const forwarded = (context.req.header('X-Forwarded-For') ?? '').split(',').map((part) => part.trim());
  const seen = forwarded.at(-trustedProxies);
  return network(seen !== undefined && isIP(seen) !== 0 ? seen : peer);
}

function network(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::', 2);
  const groups = head.split(':').filter((group) => group !== '');
  const zeros = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter((group) => group !== '').length;
  const all = [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...(tail ?? '').split(':')];
  return `${all
    .slice(0, 4)
    .map((group) => group || '0')
    .join(':')}::/64`;
}
