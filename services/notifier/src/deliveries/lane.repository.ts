import { randomUUID } from 'node:crypto';
import type { Scope } from '@handover/database';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';

/**
 * A lane is what must leave in order: the open deliveries to one target about one process. It has a row for as long
 * as one of them is open, and whoever claims that row works on the first of them, alone.
 *
 * A claim is a lease: it moves `due_at` to the lease's end and leaves a token. A worker that dies never gives it back, so
 * the lane simply becomes due again; one that comes back too late finds another token and drops its result.
 *
 * Locks are taken in the order webhook, lane, delivery, circuit, wherever more than one is needed.
 */
export interface Lane {
  readonly tenant: string;
  /** Id of a webhook, or a service's key (`targets/target.ts`): unique over all tenants. */
  readonly target: string;
  readonly processId: string;
}

export interface ClaimedLane extends Lane {
  readonly claim: string;
  /** How often in a row the target failed. */
  readonly failures: number;
  /** How long nothing has got through to the target, in milliseconds; 0 when it did not fail lately. */
  readonly failingForMs: number;
}

/** A claim outlives the longest attempt by this much: time to commit the result, and for a slow moment of the machine. */
export const LEASE_MARGIN_MS = 5_000;

/**
 * For statements that look things up by key in tables that fill and empty within moments: whatever was true of them when a plan was
 * made, reading or hashing the whole of one would be wrong soon.
 */
export const BY_KEY: Scope = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' };

type Db = Kysely<NotifierSchema>;
type Tx = Transaction<NotifierSchema>;

export const milliseconds = (ms: number) => sql`${ms} * interval '1 millisecond'`;

/**
 * Opens the lanes that do not exist, due after `delayMs`. One that exists is locked until the transaction ends: whoever is
 * about to close it for want of work waits, and then sees the deliveries this transaction adds.
 * @param lanes sorted by target, so that two transactions never wait for each other
 * @param hasten whether a lane that exists and nobody works on is due at once
 */
export async function openLanes(tx: Tx, lanes: readonly Lane[], delayMs: number, hasten = false): Promise<void> {
  if (lanes.length === 0) return;
  const dueAt = hasten
    ? sql<string>`case when delivery_lanes.claim is null then now() else delivery_lanes.due_at end`
    : sql<string>`delivery_lanes.due_at`;
  await tx
    .insertInto('delivery_lanes')
    .values(
      lanes.map((lane) => ({
        tenant: lane.tenant,
        target: lane.target,
        process_id: lane.processId,
        due_at: sql<string>`now() + ${milliseconds(delayMs)}`,
      })),
    )
    .onConflict((conflict) => conflict.columns(['target', 'process_id']).doUpdateSet({ due_at: dueAt }))
    .execute();
}

/**
 * Steps from target to target through the index, so that thousands of lanes of one target neither hide those of another nor are read
 * to be skipped.
 */
const queued = sql`queued (target) as (
  (select target from delivery_lanes order by target limit 1)
  union all
  select (select lane.target from delivery_lanes lane where lane.target > queued.target order by lane.target limit 1)
  from queued where queued.target is not null
)`;

export interface ClaimRequest {
  /** Most lanes to claim. */
  readonly room: number;
  /** Most lanes of one target, those already in hand included. */
  readonly each: number;
  /** Target → most lanes of it, where that is not `each`. */
  readonly limits?: ReadonlyMap<string, number>;
  /** Target → lanes already in hand. */
  readonly inHand: ReadonlyMap<string, number>;
  /** Targets that take long, and most lanes of all of them together; without it they are like the others. */
  readonly slow?: { readonly targets: ReadonlySet<string>; readonly room: number };
  readonly leaseMs: number;
}

/**
 * Claims due lanes of all tenants, each for one worker alone. Where there is not room for all, targets take turns, and those with the
 * fewest in hand come first. A target whose circuit is open is passed over; when its time is up, one lane tries it.
 */
export async function claimLanes(db: Db, request: ClaimRequest): Promise<ClaimedLane[]> {
  const { room, each, limits = new Map<string, number>(), inHand, leaseMs } = request;
  const { slow = { targets: new Set<string>(), room } } = request;
  const json = (map: ReadonlyMap<string, number>): string => JSON.stringify(Object.fromEntries(map));
  const claim = sql<ClaimedLane>`
    with recursive ${queued},
    held (target, failures, failing_since, circuit, in_hand) as (
      select queued.target, coalesce(circuit.failures, 0), circuit.failing_since, circuit.open_until,
        coalesce((${json(inHand)}::jsonb ->> queued.target)::int, 0)
      from queued left join circuits circuit on circuit.target = queued.target
    ),
    spare (target, failures, failing_since, in_hand, room) as (
      select target, failures, failing_since, in_hand,
        case
          when circuit > now() then 0
          when circuit is not null then 1
          else coalesce((${json(limits)}::jsonb ->> target)::int, ${each}::int)
        end - in_hand
      from held
    ),
    waiting as materialized (
      select due.target, due.process_id, due.due_at, spare.failures, spare.failing_since,
        spare.target = any(${[...slow.targets]}::text[]) as slow,
        spare.in_hand + row_number() over (partition by spare.target order by due.due_at) as turn
      from spare cross join lateral (
        select lane.target, lane.process_id, lane.due_at from delivery_lanes lane
        where lane.target = spare.target and lane.due_at <= now() and lane.due_at > '-infinity'
        order by lane.due_at
        limit greatest(0, spare.room)
        for update skip locked
      ) due
    ),
    picked as materialized (
      select target, process_id, failures, failing_since
      from (select *, row_number() over (partition by slow order by turn, due_at) as place from waiting) placed
      where not slow or place <= ${slow.room}
      order by turn, due_at
      limit ${room}
    )
    update delivery_lanes lane
    set due_at = now() + ${milliseconds(leaseMs)}, claim = ${randomUUID()}::uuid
    from picked
    where lane.target = picked.target and lane.process_id = picked.process_id
    returning lane.tenant, lane.target, lane.process_id as "processId", lane.claim, picked.failures,
      coalesce((extract(epoch from now() - picked.failing_since) * 1000)::float8, 0) as "failingForMs"`;
  return db.transaction().execute(async (tx) => {
    // Not waited for on disk: a claim that a crash takes back is one that nobody works on any more.
    await sql`select set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true)`.execute(
      tx,
    );
    return (await claim.execute(tx)).rows;
  });
}

/** How many lanes there are: each has something that is not finished. */
export async function countLanes(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('delivery_lanes')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** Milliseconds until a lane of any other target than these can be taken, 0 when one can; undefined when there is none. */
export async function untilNextDue(db: Db, except: readonly string[]): Promise<number | undefined> {
  const { rows } = await sql<{ wait: number | null }>`
    with recursive ${queued}
    select (extract(epoch from least(
      (select min(first.due_at) from queued cross join lateral (
         select lane.due_at from delivery_lanes lane
         where lane.target = queued.target and lane.due_at > '-infinity' order by lane.due_at limit 1
       ) first where queued.target <> all(${except}::text[])
         and queued.target not in (select target from circuits where open_until > now())),
      (select min(open_until) from circuits where open_until > now())
    ) - now()) * 1000)::float8 as wait`.execute(db);
  const wait = rows[0]?.wait ?? null;
  return wait === null ? undefined : Math.max(0, Math.ceil(wait));
}

/** Locks a claimed lane. @returns false when the claim was lost: the lease ran out, or the lane was closed */
export async function holdLane(tx: Tx, lane: ClaimedLane): Promise<boolean> {
  const held = await tx
    .selectFrom('delivery_lanes')
    .select('claim')
    .where('target', '=', lane.target)
    .where('process_id', '=', lane.processId)
    .where('claim', '=', lane.claim)
    .forUpdate()
    .executeTakeFirst();
  return held !== undefined;
}

/** Keeps a claimed lane for longer, from now on. @returns false when the claim was lost */
export async function extendLease(tx: Tx, lane: ClaimedLane, leaseMs: number): Promise<boolean> {
  const result = await tx
    .updateTable('delivery_lanes')
    .set({ due_at: sql<string>`now() + ${milliseconds(leaseMs)}` })
    .where('target', '=', lane.target)
    .where('process_id', '=', lane.processId)
    .where('claim', '=', lane.claim)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Gives a held lane back; it is due again after `delayMs`. */
export async function releaseLane(tx: Tx, lane: Lane, delayMs: number): Promise<void> {
  await tx
    .updateTable('delivery_lanes')
    .set({ due_at: sql<string>`now() + ${milliseconds(delayMs)}`, claim: null })
    .where('target', '=', lane.target)
    .where('process_id', '=', lane.processId)
    .execute();
}

/** Removes a held lane that has nothing left to deliver. */
export async function closeLane(tx: Tx, lane: Lane): Promise<void> {
  await tx
    .deleteFrom('delivery_lanes')
    .where('target', '=', lane.target)
    .where('process_id', '=', lane.processId)
    .execute();
}

/** Removes every lane of a target, the claimed ones too. */
export async function closeLanesOf(tx: Tx, target: string): Promise<void> {
  await tx.deleteFrom('delivery_lanes').where('target', '=', target).execute();
}

/** Makes every lane of a target that nobody works on due at once. */
export async function hastenLanesOf(tx: Tx, target: string): Promise<void> {
  await tx
    .updateTable('delivery_lanes')
    .set({ due_at: sql<string>`now()` })
    .where('target', '=', target)
    .where('claim', 'is', null)
    .execute();
}
