import { issueApiKey, type Principal } from '@handover/contracts';
import { describe, expect, it } from 'vitest';
import { requireWithinIssuer } from './bounds.js';

const ONE = '10000000-0000-4000-8000-000000000001';
const TWO = '10000000-0000-4000-8000-000000000002';

const user = (...privileges: Principal['privileges']): Principal => ({
  tenant: 'acme',
  kind: 'user',
  id: 'ann',
  info: {},
  roles: [],
  privileges,
});
const key = (bound: Partial<NonNullable<Principal['key']>>, ...privileges: Principal['privileges']): Principal => ({
  ...user(...privileges),
  kind: 'key',
  key: { id: 'k1', kind: 'global', ...bound },
});
const clerk = user('apikey:issue', 'process:read', 'process:step');
const confined = key({ processes: [{ scenario: ONE, actors: ['boss', 'clerk'] }] }, 'apikey:issue', 'process:step');

describe('a new key', () => {
  it.each<[string, Principal, Record<string, unknown>]>([
    ['has some of its issuer’s privileges', clerk, { privileges: ['process:step'] }],
    ['has any privilege when its issuer has all', user('*'), { privileges: ['*', 'cases:read'] }],
    [
      'is bound to its issuer and narrower',
      clerk,
      { kind: 'user', privileges: ['process:step'], processes: [{ scenario: ONE, actors: ['boss'] }] },
    ],
    [
      'reads scenarios, and names processes it cannot reach anyway',
      user('apikey:issue', 'scenario:read'),
      { privileges: ['scenario:read'], processes: [{ scenario: ONE }] },
    ],
    [
      'speaks for a service, by one who may see everything',
      user('process:super', 'process:step'),
      { service: 'bank', privileges: ['process:step'] },
    ],
    [
      'speaks for the service of its issuer',
      key({ service: 'bank' }, 'process:step'),
      { service: 'bank', privileges: ['process:step'] },
    ],
    [
      'is restricted like its issuer, or more',
      confined,
      { privileges: ['process:step'], processes: [{ scenario: ONE, actors: ['boss'], actions: ['sign'] }] },
    ],
  ])('may be one that %s', (_, issuer, request) => {
    expect(() => requireWithinIssuer(issueApiKey.body.parse({ name: 'new', ...request }), issuer)).not.toThrow();
  });

  it.each<[string, Principal, Record<string, unknown>, RegExp]>([
    ['has a privilege its issuer has not', clerk, { privileges: ['process:super'] }, /'process:super'/],
    ['has all privileges', clerk, { privileges: ['*'] }, /'\*'/],
    ['speaks for a service', clerk, { service: 'bank', privileges: ['process:step'] }, /service:bank/],
    [
      'speaks for another service',
      key({ service: 'bank' }, 'process:step'),
      { service: 'mail', privileges: ['process:step'] },
      /service:mail/,
    ],
    ['speaks for an agent', clerk, { kind: 'proxy', instance: 'a1', privileges: ['process:step'] }, /agent a1/],
    [
      'reads what its issuer does not',
      clerk,
      { privileges: ['process:read'], processes: [{ scenario: ONE }] },
      /reach/,
    ],
    ['is not restricted as its issuer', confined, { privileges: ['process:step'] }, /restricted/],
    [
      'reaches another scenario',
      confined,
      { privileges: ['process:step'], processes: [{ scenario: TWO, actors: ['boss'] }] },
      /restricted/,
    ],
    [
      'acts as another actor',
      confined,
      { privileges: ['process:step'], processes: [{ scenario: ONE, actors: ['client'] }] },
      /restricted/,
    ],
    ['acts as any actor', confined, { privileges: ['process:step'], processes: [{ scenario: ONE }] }, /restricted/],
    [
      'acts as an actor where its issuer only reads',
      key({ processes: [{ scenario: ONE }] }, 'process:step'),
      { privileges: ['process:step'], processes: [{ scenario: ONE, actors: ['boss'] }] },
      /reach/,
    ],
    ['is bound to a user when its issuer is none', key({}, 'process:step'), { kind: 'user' }, /no user/],
    [
      'takes an actor from the restrictions of a key that is bound to a user',
      key({ kind: 'user', processes: [{ scenario: ONE, actors: ['boss'] }] }, 'process:step'),
      { privileges: ['process:step'], processes: [{ scenario: ONE, actors: ['boss'] }] },
      /reach/,
    ],
  ])('cannot be one that %s', (_, issuer, request, words) => {
    expect(() => requireWithinIssuer(issueApiKey.body.parse({ name: 'new', ...request }), issuer)).toThrow(words);
  });
});
