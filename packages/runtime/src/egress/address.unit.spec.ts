import { describe, expect, it } from 'vitest';
import { isAllowed } from './address.js';

const production = { allowLoopback: false };
const development = { allowLoopback: true };

describe('an address that may be connected to', () => {
  it.each(['93.184.215.14', '1.1.1.1', '2606:4700:4700::1111', '::ffff:1.1.1.1'])('is public: %s', (address) => {
    expect(isAllowed(address, production)).toBe(true);
  });

  it.each([
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['link-local, cloud metadata', '169.254.169.254'],
    ['link-local', 'fe80::1'],
    ['link-local with zone', 'fe80::1%eth0'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['unspecified', '::'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['IETF protocols', '192.0.0.1'],
    ['documentation', '192.0.2.1'],
    ['documentation', '2001:db8::1'],
    ['benchmarking', '198.18.0.1'],
    ['unique local', 'fd00::1'],
    ['site-local', 'fec0::1'],
    ['NAT64', '64:ff9b::a00:1'],
    ['local NAT64', '64:ff9b:1::a00:1'],
    ['6to4', '2002:a00:1::'],
    ['Teredo', '2001::1'],
    ['discard', '100::1'],
    ['IPv4-mapped private', '::ffff:10.0.0.1'],
    ['IPv4-mapped in hexadecimal', '::ffff:a00:1'],
    ['IPv4-translated', '::ffff:0:10.0.0.1'],
    ['IPv4-compatible', '::10.0.0.1'],
    ['IPv4-compatible in hexadecimal', '::a00:1'],
    ['unassigned', '4000::1'],
  ])('is not %s: %s, whatever the policy', (_range, address) => {
    expect(isAllowed(address, production)).toBe(false);
    expect(isAllowed(address, development)).toBe(false);
  });

  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])(
    'is loopback by configuration only: %s',
    (address) => {
      expect(isAllowed(address, production)).toBe(false);
      expect(isAllowed(address, development)).toBe(true);
    },
  );

  it.each(['', 'example.com', '1.2.3.4.5', '1.2.3.4/8'])('is an address: not "%s"', (text) => {
    expect(isAllowed(text, development)).toBe(false);
  });
});
