import type { ServiceConfig } from '@handover/contracts';
import { isIP } from 'node:net';
import { bareHost, isAllowed, type AddressPolicy } from '@handover/runtime/egress';

/**
 * What is wrong with a webhook's url, as far as can be told without looking its host up; undefined when nothing is. The
 * address behind a name is checked when connecting (`@handover/runtime/egress`): it may change at any time.
 */
export function targetProblem(url: string, policy: AddressPolicy): string | undefined {
  if (!URL.canParse(url)) return 'must be an absolute URL';
  const { protocol, username, password, hostname } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return 'must be an http or https URL';
  if (username !== '' || password !== '') return 'must not contain a user name or password';
  return hostProblem(hostname, policy);
}

function hostProblem(hostname: string, policy: AddressPolicy): string | undefined {
  if (isLocalName(hostname) && !policy.allowLoopback) return 'must not point to this machine';
  const literal = bareHost(hostname);
  if (isIP(literal) !== 0 && !isAllowed(literal, policy)) return 'must point to a public address';
  return undefined;
}

const PROTOCOLS = {
  webhook: ['http:', 'https:'],
  amqp: ['amqp:', 'amqps:'],
  zeromq: ['tcp:'],
} as const satisfies Record<ServiceConfig['provider'], readonly string[]>;

/** {@link targetProblem} for the address of a tenant's service. Brokers are logged in to by their URL; nothing else is. */
export function endpointProblem(
  address: string,
  provider: ServiceConfig['provider'],
  policy: AddressPolicy,
): string | undefined {
  if (!URL.canParse(address)) return 'must be an absolute URL';
  const { protocol, username, password, hostname, port } = new URL(address);
  const protocols: readonly string[] = PROTOCOLS[provider];
  if (!protocols.includes(protocol)) return `must begin with ${protocols.map((each) => `${each}//`).join(' or ')}`;
  if (provider !== 'amqp' && (username !== '' || password !== '')) return 'must not contain a user name or password';
  if (provider === 'zeromq' && port === '') return 'must name a port';
  return hostProblem(hostname, policy);
}

/** `localhost` and everything below it is this machine, whatever a resolver says (RFC 6761 §6.3). */
function isLocalName(hostname: string): boolean {
  return /(^|\.)localhost\.?$/.test(hostname);
}
