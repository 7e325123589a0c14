import { tenantScope, type Database, type Statement } from '@handover/database';
import type { NotificationFacts, NotifierSchema } from '../database.js';
import type { Lane } from './lane.repository.js';

export interface NewDelivery extends Lane {
  readonly id: string;
  /** Id of the event or notification. */
  readonly cause: string;
  /** Type of the event, where it is one. */
  readonly event?: string;
  /** W3C trace context of what caused it. */
  readonly traceparent?: string | undefined;
  readonly body: string;
  readonly notification?: NotificationFacts;
}

/** A delivery to be stored. */
export interface ToStore extends NewDelivery {
  /** Claims its lane for whoever works on it already, if the lane is opened by it; a UUID. */
  readonly claim?: string;
}

/** What became of a delivery that was to be stored: it was known before, is stored, or is stored in a lane that is claimed as asked. */
export type Stored = 'known' | 'stored' | 'claimed';

export interface StoreTerms {
  /** Before the first attempt, in milliseconds. */
  readonly delayMs?: number;
  /** How long a claim holds, in milliseconds. */
  readonly leaseMs?: number;
}

type Transact = Database<NotifierSchema>['transact'];

/**
 * Stores deliveries of one tenant in the order given, except those their cause was already stored for, and opens their lanes.
 * @returns what became of each, in their order
 */
export async function storeDeliveries(
  transact: Transact,
  tenant: string,
  deliveries: readonly ToStore[],
  terms: StoreTerms = {},
): Promise<Stored[]> {
  const [, rows = []] = await transact(tenantScope(tenant), [
    rememberTenant(tenant),
    storing(tenant, deliveries, terms),
  ]);
  const claims = new Map((rows as readonly { id: string; claim: string | null }[]).map(({ id, claim }) => [id, claim]));
  return deliveries.map(({ id, claim }) => {
    const actual = claims.get(id);
    if (actual === undefined) return 'known';
    return claim !== undefined && actual === claim ? 'claimed' : 'stored';
  });
}

/** Makes the tenant known to those who clear up: a policy hides its rows from whoever does not name it. */
export const rememberTenant = (tenant: string): Statement => ({
  name: 'remember_tenant',
  sql: 'insert into delivery_tenants (tenant) values ($1) on conflict do nothing',
  parameters: [tenant],
});

/**
 * What {@link storeDeliveries} does; returns the id of each delivery that is new and the claim of its lane.
 *
 * Lanes are opened in an order that is the same for everybody, so that two transactions never wait for each other. One that exists
 * is locked until the transaction ends: whoever is about to close it for want of work waits, and then sees what this one adds.
 */
export function storing(
  tenant: string,
  deliveries: readonly ToStore[],
  { delayMs = 0, leaseMs = 0 }: StoreTerms = {},
): Statement {
  const column = <K extends keyof ToStore>(name: K) => deliveries.map((delivery) => delivery[name] ?? null);
  return {
    name: 'store_deliveries',
    sql: `
      with given as (
        select * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::uuid[])
          with ordinality as given (id, target, process_id, cause, event, traceparent, body, notification, claim, n)
      ), stored as (
        insert into deliveries (tenant, id, target, process_id, cause, event, traceparent, body, notification)
        select $1, id, target, process_id, cause, event, traceparent, body, notification::json from given order by n
        on conflict do nothing
        returning id, target, process_id, position
      ), opened as (
        insert into delivery_lanes (tenant, target, process_id, due_at, claim)
        select distinct on (stored.target, stored.process_id) $1, stored.target, stored.process_id,
          now() + case when given.claim is null then $11::float8 else $12::float8 end * interval '1 millisecond', given.claim
        from stored join given using (id) order by stored.target, stored.process_id, stored.position
        on conflict (target, process_id) do update set due_at = delivery_lanes.due_at
        returning target, process_id, claim
      )
      select stored.id, opened.claim from stored join opened using (target, process_id)`,
    parameters: [
      tenant,
      column('id'),
      column('target'),
      column('processId'),
      column('cause'),
      column('event'),
      column('traceparent'),
      column('body'),
      deliveries.map(({ notification }) => (notification ? JSON.stringify(notification) : null)),
      column('claim'),
      delayMs,
      leaseMs,
    ],
  };
}
