import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { AddressRefused, bareHost, isAllowed, type AddressPolicy } from './address.js';

export interface ConnectorOptions {
  readonly policy: AddressPolicy;
  readonly timeoutMs: number;
  /** Resolves host names; the operating system's resolver unless given. */
  readonly lookup?: LookupFunction;
}

/**
 * Opens undici's connections, to allowed addresses only. The check sits inside the look-up a connection is made with, so
 * the address that was checked is the one connected to: a name that resolves differently the next time (DNS rebinding)
 * gains nothing. Fails with {@link AddressRefused} before a single packet is sent.
 */
export function guardedConnector({
  policy,
  timeoutMs,
  lookup = systemLookup,
}: ConnectorOptions): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, lookup: guardedLookup(lookup, policy) });
  return (options, callback) => {
    // An address instead of a name is never looked up.
    const host = bareHost(options.hostname);
    if (isIP(host) !== 0 && !isAllowed(host, policy)) callback(new AddressRefused(), null);
    else connect(options, callback);
  };
}

/** A look-up that yields the allowed addresses of a host, and fails when there is none. */
export function guardedLookup(lookup: LookupFunction, policy: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const allowed = (found as LookupAddress[]).filter(({ address }) => isAllowed(address, policy));
      const [first] = allowed;
      if (!first) callback(new AddressRefused(), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
