import { documentColumn, documentsIn, plainColumn, tenantScope, type Database } from '@handover/database';
import type { NotifierSchema } from '../database.js';
import { BY_KEY } from './lane.repository.js';
import { rememberTenant, type NewDelivery } from './store.js';
import type { AttemptResult } from './verdict.js';

type Transact = Database<NotifierSchema>['transact'];

/**
 * Which new deliveries of one tenant may be made before they are stored: nothing about the same waits in their lane, they are not
 * stored already, and their target did not fail lately.
 */
export async function findFree(
  transact: Transact,
  tenant: string,
  deliveries: readonly NewDelivery[],
): Promise<boolean[]> {
  const [rows = []] = await transact({ ...tenantScope(tenant), ...BY_KEY }, [
    {
      name: 'find_free',
      sql: `
        select given.n::int from unnest($2::text[], $3::text[], $4::text[]) with ordinality as given (target, process_id, id, n)
        left join lateral (
          select true as found from delivery_lanes lane where lane.target = given.target and lane.process_id = given.process_id limit 1
        ) lane on true
        left join lateral (
          select true as found from deliveries known
          where known.tenant = $1 and known.id = given.id limit 1
        ) known on true
        left join lateral (select true as found from circuits circuit where circuit.target = given.target limit 1) circuit on true
        where lane.found is null and known.found is null and circuit.found is null`,
      parameters: [
        tenant,
        deliveries.map(({ target }) => target),
        deliveries.map(({ processId }) => processId),
        deliveries.map(({ id }) => id),
      ],
    },
  ]);
  const free = new Set((rows as readonly { n: number }[]).map(({ n }) => n));
  return deliveries.map((_, i) => free.has(i + 1));
}

/** A delivery that its first attempt got through. */
export interface Made {
  readonly delivery: NewDelivery;
  readonly taken: Date;
  readonly result: AttemptResult;
}

/**
 * Stores deliveries of one tenant that are made already, with the attempt that made them. Not waited for on disk: what a crash of the
 * database takes back is the record, not the delivery.
 */
export async function recordMade(transact: Transact, tenant: string, made: readonly Made[]): Promise<void> {
  const delivery = <K extends keyof NewDelivery>(name: K) => made.map((each) => each.delivery[name] ?? null);
  const attempt = <K extends keyof AttemptResult>(name: K) => made.map(({ result }) => result[name] ?? null);
  await transact({ ...tenantScope(tenant), synchronous_commit: 'off' }, [
    rememberTenant(tenant),
    {
      name: 'record_made',
      sql: `
        with given as (
          select * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], ${documentsIn('$8')},
            $9::timestamptz[], $10::timestamptz[], $11::int[], $12::int[], $13::text[])
            with ordinality as given (id, target, process_id, cause, event, traceparent, body, created_at, started_at, duration_ms, status, answer, n)
        ), made as (
          insert into deliveries (tenant, id, target, process_id, cause, event, traceparent, body, status, attempts_made, created_at, settled_at)
          select $1, id, target, process_id, cause, event, traceparent, body, 'delivered', 1, created_at, now() from given order by n
          on conflict do nothing
          returning id
        )
        insert into attempts (tenant, delivery_id, number, started_at, duration_ms, status, answer)
        select $1, made.id, 1, given.started_at, given.duration_ms, given.status, given.answer from made join given using (id)`,
      parameters: [
        tenant,
        delivery('id'),
        delivery('target'),
        delivery('processId'),
        delivery('cause'),
        delivery('event'),
        delivery('traceparent'),
        documentColumn(made.map((each) => each.delivery.body)),
        plainColumn(made.map(({ taken }) => taken.toISOString())),
        plainColumn(made.map(({ result }) => result.startedAt.toISOString())),
        plainColumn(made.map(({ result }) => result.durationMs)),
        attempt('status'),
        attempt('answer'),
      ],
    },
  ]);
}
