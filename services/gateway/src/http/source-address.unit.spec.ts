import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { GatewayEnv } from './context.js';
import { sourceAddress } from './source-address.js';

async function addressOf(peer: string, forwarded: string | undefined, trustedProxies: number): Promise<string> {
  const app = new Hono<GatewayEnv>().get('/', (context) => context.text(sourceAddress(context, trustedProxies)));
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const incoming = { socket: { remoteAddress: peer, remotePort: 1, remoteFamily: 'IPv4' } };
  return (await app.request('/', { headers }, { incoming })).text();
}

describe('the source of a request', () => {
  it.each<[string, string, string | undefined, number, string]>([
    ['is the peer', '192.0.2.1', undefined, 0, '192.0.2.1'],
    ['is the peer, whatever it claims', '192.0.2.1', '198.51.100.7', 0, '192.0.2.1'],
    ['is what our proxy saw', '10.0.0.1', '198.51.100.7', 1, '198.51.100.7'],
    ['is what the outermost of our proxies saw', '10.0.0.1', '198.51.100.7, 10.0.0.2', 2, '198.51.100.7'],
    ['is not what the client put in front', '10.0.0.1', '203.0.113.9, 198.51.100.7', 1, '198.51.100.7'],
    ['is the peer when the proxies said nothing', '10.0.0.1', undefined, 1, '10.0.0.1'],
    ['is the peer when what they said is no address', '10.0.0.1', 'unknown', 1, '10.0.0.1'],
    ['is IPv4 also when it is written as IPv6', '::ffff:192.0.2.1', undefined, 0, '192.0.2.1'],
    ['is the network of an IPv6 address', '2001:db8:1:2:3:4:5:6', undefined, 0, '2001:db8:1:2::/64'],
    ['is the network of a short IPv6 address', '2001:db8::1', undefined, 0, '2001:db8:0:0::/64'],
    ['is the loopback network', '::1', undefined, 0, '0:0:0:0::/64'],
  ])('%s', async (_, peer, forwarded, proxies, expected) => {
    expect(await addressOf(peer, forwarded, proxies)).toBe(expected);
  });
});
