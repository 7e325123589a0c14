import { plainColumn, tenantScope, type Database, type Statement } from '@handover/database';
import type { NotifierSchema } from '../database.js';
import { countingFailures } from './circuit.repository.js';
import { BY_KEY, type ClaimedLane } from './lane.repository.js';
import type { AttemptResult, Verdict } from './verdict.js';

/** What nearly always comes of an attempt: it got through, or another is made. */
export type Usual = Extract<Verdict, { kind: 'delivered' | 'retry' }>;

export const isUsual = (verdict: Verdict): verdict is Usual => verdict.kind === 'delivered' || verdict.kind === 'retry';

/** An attempt at the first delivery of a claimed lane. */
export interface Attempted {
  readonly lane: ClaimedLane;
  /** Of the delivery. */
  readonly id: string;
  /** Of the attempt. */
  readonly number: number;
  readonly result: AttemptResult;
  readonly verdict: Usual;
}

const OPEN = `
  open.target = lane.target and open.process_id = lane.process_id
  and (open.status in ('pending', 'waiting', 'replied') or open.announce is not null)`;
const CLAIMED = 'lane.target = given.target and lane.process_id = given.process_id and lane.claim = given.claim';
/** $4: milliseconds until the next attempt; null: it got through. */
const GIVEN = `unnest($1::text[], $2::text[], $3::uuid[], $4::float8[]) with ordinality as given (target, process_id, claim, again_in, n)`;
const HELD = `delivery_lanes lane join ${GIVEN} on ${CLAIMED}`;
const CLOSE_CIRCUITS = `delete from circuits where target in (select lane.target from ${HELD} where given.again_in is null)`;
const COUNT_FAILURES = countingFailures(`select lane.target from ${HELD} where given.again_in is not null`);

/**
 * {@link settle} for what happens nearly always: webhooks of one tenant took their messages, or are to be tried again. One round trip
 * for all of them, and not waited for on disk: what a crash of the database takes back is delivered again, as it may be.
 * @param firstDelayMs before the first attempt at a lane's next delivery
 * @returns for each whether it is settled; false when its claim was lost meanwhile
 */
export async function settleTogether(
  transact: Database<NotifierSchema>['transact'],
  tenant: string,
  attempted: readonly Attempted[],
  firstDelayMs: number,
): Promise<boolean[]> {
  // Everybody locks lanes in this order, so that two transactions never wait for each other.
  const sorted = [...attempted].sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
  const lanes = [
    sorted.map(({ lane }) => lane.target),
    sorted.map(({ lane }) => lane.processId),
    plainColumn(sorted.map(({ lane }) => lane.claim)),
    sorted.map(({ verdict }) => (verdict.kind === 'retry' ? verdict.delayMs : null)),
  ];
  const statement = (name: string, sql: string, ...more: unknown[]): Statement => ({
    name,
    sql,
    parameters: [...lanes, ...more],
  });
  const worksAgain = sorted.some(({ verdict, lane }) => verdict.kind === 'delivered' && lane.failures > 0);
  const fails = sorted.some(({ verdict }) => verdict.kind === 'retry');
  const [held = []] = await transact({ ...tenantScope(tenant), ...BY_KEY, synchronous_commit: 'off' }, [
    statement(
      'hold_lanes',
      `select given.n::int from ${GIVEN} cross join lateral (
         select from delivery_lanes lane where ${CLAIMED} for update
       ) lane order by given.n`,
    ),
    statement(
      'record_attempts',
      `with settled as (
         select made.* from unnest($1::text[], $2::text[], $3::uuid[], $4::float8[], $5::text[], $6::int[], $7::timestamptz[], $8::int[], $9::int[], $10::text[], $11::text[])
           as made (target, process_id, claim, again_in, id, number, started_at, duration_ms, status, error, answer)
         join delivery_lanes lane on lane.target = made.target and lane.process_id = made.process_id and lane.claim = made.claim
       ), logged as (
         insert into attempts (tenant, delivery_id, number, started_at, duration_ms, status, error, answer)
         select $12, id, number, started_at, duration_ms, status, error, answer from settled
       )
       update deliveries set attempts_made = settled.number,
         status = case when settled.again_in is null then 'delivered' else 'pending' end,
         settled_at = case when settled.again_in is null then now() end
       from settled where deliveries.tenant = $12 and deliveries.id = settled.id`,
      sorted.map(({ id }) => id),
      plainColumn(sorted.map(({ number }) => number)),
      sorted.map(({ result }) => result.startedAt.toISOString()),
      plainColumn(sorted.map(({ result }) => result.durationMs)),
      sorted.map(({ result }) => result.status),
      sorted.map(({ result }) => result.error),
      sorted.map(({ result }) => result.answer),
      tenant,
    ),
    ...(worksAgain ? [statement('close_circuits', CLOSE_CIRCUITS)] : []),
    ...(fails ? [statement('count_failures', COUNT_FAILURES)] : []),
    // A statement each: whoever adds a delivery locks the lane, and each of these sees what was added before it.
    statement(
      'close_lanes',
      `delete from delivery_lanes lane using ${GIVEN}
       where ${CLAIMED} and given.again_in is null
         and (select open.position from deliveries open where ${OPEN} order by open.position limit 1) is null`,
    ),
    statement(
      'pass_lanes_on',
      `update delivery_lanes lane set claim = null, due_at = case
         when given.again_in is not null then now() + given.again_in * interval '1 millisecond'
         else coalesce(
           (select case when open.status in ('pending', 'waiting')
              then greatest(now(), open.created_at + $5::float8 * interval '1 millisecond') else now() end
            from deliveries open where ${OPEN} order by open.position limit 1), now())
         end
       from ${GIVEN} where ${CLAIMED}`,
      firstDelayMs,
    ),
  ]);
  const settled = new Set((held as readonly { n: number }[]).map(({ n }) => sorted[n - 1]));
  return attempted.map((each) => settled.has(each));
}

const placeOf = ({ lane }: Attempted): string => JSON.stringify([lane.target, lane.processId]);
