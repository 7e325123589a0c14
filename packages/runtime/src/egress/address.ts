import ipaddr from 'ipaddr.js';

/** Which addresses may be connected to where users say where to, apart from the public ones. */
export interface AddressPolicy {
  readonly allowLoopback: boolean;
}

/** The part of IPv6 that is given out as public addresses (IANA, "IPv6 Global Unicast Address Assignments"). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether the policy lets us connect to `address` (IPv4 or IPv6 in any notation, with or without zone).
 * Public unicast only: every special range of the IANA registries is refused (private, link-local, CGNAT, multicast, ULA,
 * NAT64, 6to4, Teredo, documentation, …), so is IPv6 space nobody was given, and so is text that is no address. An IPv4
 * address mapped into IPv6 (`::ffff:10.0.0.1`) counts as what it contains.
 */
export function isAllowed(address: string, policy: AddressPolicy): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === 'loopback') return policy.allowLoopback;
  return range === 'unicast' && (parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST));
}

/** What is said of a refused address. It never names the address: that would map the inner network for whoever asks. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';

  constructor() {
    super('the host has no public address');
  }
}

/** A URL's host name without the brackets of an IPv6 address. */
export function bareHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
