import { PRIVILEGES, issueApiKey, revokeApiKey, exchangeToken, type Privilege } from '@handover/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { JWT_SECRET, type InProcess } from '../in-process.js';
import type { World } from './world.js';
import { SignJWT } from 'jose';

/** One row of the table: somebody, and what is known of them. */
export interface Caller {
  readonly name: string;
  readonly token: string | undefined;
  /** Whether the token is good. */
  readonly isKnown: boolean;
  readonly privileges: readonly Privilege[];
  /** Whether the process at hand exists for them. */
  readonly reach: 'all' | 'elsewhere';
  /** Whether they may read the process, and act in it. */
  readonly reads: boolean;
  readonly acts: boolean;
  /** A key that is restricted to the processes of some scenarios. */
  readonly isRestricted: boolean;
}

/** Role map under which every privilege is a role of its own. */
export const ROLES: Readonly<Record<string, readonly Privilege[]>> = {
  ...Object.fromEntries(PRIVILEGES.filter((one) => one !== '*').map((privilege) => [privilege, [privilege]])),
  admin: ['*'],
  worker: ['process:start', 'process:step'],
  clerk: [],
};

const STRANGER = {
  isKnown: true,
  privileges: [],
  reach: 'all',
  reads: false,
  acts: false,
  isRestricted: false,
} as const;
const NOBODY = { ...STRANGER, isKnown: false } as const;
const WORKER: readonly Privilege[] = ['process:start', 'process:step'];
const KEY: readonly Privilege[] = ['scenario:read', 'process:read', 'process:start', 'process:step'];

/** Everybody who may come to the door, honest or not. */
export async function callers(platform: InProcess, world: World): Promise<Caller[]> {
  const user = (id: string, ...roles: string[]) => platform.jwt({ id, roles, tenant: 'acme' });
  const ann = await user('ann', 'worker');
  const bound = { scenario: world.scenario };
  return [
    ...(await refused(platform, world)),
    { ...STRANGER, name: 'admin of another tenant', token: world.rival, privileges: ['*'], reach: 'elsewhere' },
    ...(await Promise.all(
      PRIVILEGES.filter((one) => one !== '*').map(async (privilege): Promise<Caller> => {
        const reads = privilege === 'process:super';
        return {
          ...STRANGER,
          name: `only ${privilege}`,
          token: await user('zoe', privilege),
          privileges: [privilege],
          reads,
        };
      }),
    )),
    { ...STRANGER, name: 'admin', token: world.admin, privileges: ['*'], reads: true },
    { ...STRANGER, name: 'actor by id', token: ann, privileges: WORKER, reads: true, acts: true },
    {
      ...STRANGER,
      name: 'actor by role',
      token: await user('rob', 'worker', 'clerk'),
      privileges: WORKER,
      reads: true,
      acts: true,
    },
    { ...STRANGER, name: 'actor without privileges', token: await user('una'), reads: true },
    { ...STRANGER, name: 'worker who is no actor', token: await user('eve', 'worker'), privileges: WORKER },
    ...(await keys(platform, world, [
      ['service key', { service: 'bank' }, { reads: true, acts: true }],
      ['service key of another service', { service: 'mail' }, {}],
      ['key that speaks for nobody', {}, {}],
      [
        'key restricted to an actor',
        { processes: [{ ...bound, actors: ['boss'] }] },
        { reads: true, acts: true, isRestricted: true },
      ],
      [
        'key restricted to another action',
        { processes: [{ ...bound, actors: ['boss'], actions: ['stop'] }] },
        { reads: true, isRestricted: true },
      ],
      ['key restricted to reading', { processes: [bound] }, { reads: true, isRestricted: true }],
      [
        'key restricted to another scenario',
        { processes: [{ scenario: world.other }] },
        { reach: 'elsewhere', isRestricted: true },
      ],
      [
        'service key restricted to another scenario',
        { service: 'bank', processes: [{ scenario: world.other }] },
        { reach: 'elsewhere', isRestricted: true },
      ],
      ['proxy key of an actor', { kind: 'proxy', instance: 'a1' }, { reads: true, acts: true }],
      ['proxy key of another agent', { kind: 'proxy', instance: 'a2' }, {}],
    ])),
    {
      ...STRANGER,
      name: 'key bound to an actor',
      token: (
        await issue(platform, await user('ann', 'worker', 'apikey:issue'), world, {
          kind: 'user',
          privileges: ['process:step'],
        })
      ).token,
      privileges: ['process:step'],
      reads: true,
      acts: true,
    },
  ];
}

type KeyRow = readonly [name: string, request: Record<string, unknown>, known: Partial<Caller>];

function keys(platform: InProcess, world: World, rows: readonly KeyRow[]): Promise<Caller[]> {
  return Promise.all(
    rows.map(async ([name, request, known]): Promise<Caller> => {
      const { token } = await issue(platform, world.admin, world, { privileges: KEY, ...request });
      return { ...STRANGER, name, token, privileges: KEY, ...known };
    }),
  );
}

/** Those whose token is no good (any more). */
async function refused(platform: InProcess, world: World): Promise<Caller[]> {
  const all = { privileges: ['*'] };
  const revoked = await issue(platform, world.admin, world, all);
  await asCaller(platform, world.admin, revokeApiKey, { id: revoked.id });
  const expiration = Date.now() + 200;
  const expired = await issue(platform, world.admin, world, { ...all, expiration: new Date(expiration).toISOString() });
  await delay(expiration - Date.now() + 1);
  const stale = new SignJWT({ id: 'ann', roles: ['admin'], tenant: 'acme' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('-1h')
    .sign(new TextEncoder().encode(JWT_SECRET));
  return [
    { ...NOBODY, name: 'anonymous', token: undefined },
    { ...NOBODY, name: 'nonsense', token: 'a.b.c' },
    { ...NOBODY, name: 'expired token', token: await stale },
    { ...NOBODY, name: 'expired key', token: expired.token },
    { ...NOBODY, name: 'revoked key', token: revoked.token },
  ];
}

function issue(platform: InProcess, token: string, world: World, request: Record<string, unknown>) {
  return asCaller(platform, token, issueApiKey, { name: `key of ${world.process}`, ...request } as never);
}

/** Asks a service as whoever the token speaks for. */
export async function asCaller<C extends Parameters<InProcess['ask']>[0]>(
  platform: InProcess,
  token: string,
  contract: C,
  body: Parameters<typeof platform.ask<C>>[1],
) {
  const { signed } = await platform.ask(exchangeToken, { token });
  return platform.ask(contract, body, { principal: signed });
}
