import { plainColumn, tenantScope, type Database, type Statement } from '@handover/database';
import type { NotifierSchema } from '../database.js';
import { BY_KEY, type ClaimedLane } from './lane.repository.js';
import type { AttemptResult } from './verdict.js';

/** A claimed lane whose first delivery got through. */
export interface DeliveredFirst {
  readonly lane: ClaimedLane;
  /** Of the delivery. */
  readonly id: string;
  /** Of the attempt. */
  readonly number: number;
  readonly result: AttemptResult;
}

const OPEN = `
  open.target = lane.target and open.process_id = lane.process_id
  and (open.status in ('pending', 'waiting', 'replied') or open.announce is not null)`;
const CLAIMED = 'lane.target = given.target and lane.process_id = given.process_id and lane.claim = given.claim';

/**
 * {@link settle} for what happens nearly always: webhooks of one tenant that did not fail lately took their messages. One round trip
 * for all of them, and not waited for on disk: what a crash of the database takes back is delivered again, as it may be.
 * @returns for each whether it is settled; false when its claim was lost meanwhile
 */
export async function settleDelivered(
  transact: Database<NotifierSchema>['transact'],
  tenant: string,
  delivered: readonly DeliveredFirst[],
  firstDelayMs: number,
): Promise<boolean[]> {
  // Everybody locks lanes in this order, so that two transactions never wait for each other.
  const sorted = [...delivered].sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
  const lanes = [
    sorted.map(({ lane }) => lane.target),
    sorted.map(({ lane }) => lane.processId),
    plainColumn(sorted.map(({ lane }) => lane.claim)),
  ];
  const given = 'unnest($1::text[], $2::text[], $3::uuid[]) with ordinality as given (target, process_id, claim, n)';
  const statement = (name: string, sql: string, ...more: unknown[]): Statement => ({
    name,
    sql,
    parameters: [...lanes, ...more],
  });
  const [held = []] = await transact({ ...tenantScope(tenant), ...BY_KEY, synchronous_commit: 'off' }, [
    statement(
      'hold_lanes',
      `select given.n::int from ${given} cross join lateral (
         select from delivery_lanes lane where ${CLAIMED} for update
       ) lane order by given.n`,
    ),
    statement(
      'record_delivered',
      `with settled as (
         select made.* from unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::int[], $6::timestamptz[], $7::int[], $8::int[], $9::text[])
           as made (target, process_id, claim, id, number, started_at, duration_ms, status, answer)
         join delivery_lanes lane on lane.target = made.target and lane.process_id = made.process_id and lane.claim = made.claim
       ), logged as (
         insert into attempts (tenant, delivery_id, number, started_at, duration_ms, status, answer)
         select $10, id, number, started_at, duration_ms, status, answer from settled
       )
       update deliveries set attempts_made = settled.number, status = 'delivered', settled_at = now()
       from settled where deliveries.tenant = $10 and deliveries.id = settled.id`,
      sorted.map(({ id }) => id),
      plainColumn(sorted.map(({ number }) => number)),
      sorted.map(({ result }) => result.startedAt.toISOString()),
      plainColumn(sorted.map(({ result }) => result.durationMs)),
      sorted.map(({ result }) => result.status),
      sorted.map(({ result }) => result.answer),
      tenant,
    ),
    // A statement each: whoever adds a delivery locks the lane, and each of these sees what was added before it.
    statement(
      'close_lanes',
      `delete from delivery_lanes lane using ${given}
       where ${CLAIMED} and (select open.position from deliveries open where ${OPEN} order by open.position limit 1) is null`,
    ),
    statement(
      'pass_lanes_on',
      `update delivery_lanes lane set claim = null, due_at = coalesce(
         (select case when open.status in ('pending', 'waiting')
            then greatest(now(), open.created_at + $4::float8 * interval '1 millisecond') else now() end
          from deliveries open where ${OPEN} order by open.position limit 1), now())
       from ${given} where ${CLAIMED}`,
      firstDelayMs,
    ),
  ]);
  const settled = new Set((held as readonly { n: number }[]).map(({ n }) => sorted[n - 1]));
  return delivered.map((each) => settled.has(each));
}

const placeOf = ({ lane }: DeliveredFirst): string => JSON.stringify([lane.target, lane.processId]);
