import { randomUUID } from 'node:crypto';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';

/**
 * A lane is what must leave in order: the pending deliveries to one webhook about one process. It has a row for as long
 * as one of them is pending, and whoever claims that row works on the first of them, alone.
 *
 * A claim is a lease: it moves `due_at` to the lease's end and leaves a token. A worker that dies never gives it back, so
 * the lane simply becomes due again; one that comes back too late finds another token and drops its result.
 *
 * Locks are taken in the order webhook, lane, delivery, wherever more than one is needed.
 */
export interface Lane {
  readonly tenant: string;
  readonly webhookId: string;
  readonly processId: string;
}

export interface ClaimedLane extends Lane {
  readonly claim: string;
}

type Db = Kysely<NotifierSchema>;
type Tx = Transaction<NotifierSchema>;

const milliseconds = (ms: number) => sql`${ms} * interval '1 millisecond'`;

/**
 * Opens the lanes that do not exist, due after `delayMs`. One that exists is locked until the transaction ends: whoever is
 * about to close it for want of work waits, and then sees the deliveries this transaction adds.
 * @param lanes sorted by webhook, so that two transactions never wait for each other
 */
export async function openLanes(tx: Tx, lanes: readonly Lane[], delayMs: number): Promise<void> {
  if (lanes.length === 0) return;
  await tx
    .insertInto('delivery_lanes')
    .values(
      lanes.map((lane) => ({
        tenant: lane.tenant,
        webhook_id: lane.webhookId,
        process_id: lane.processId,
        due_at: sql<string>`now() + ${milliseconds(delayMs)}`,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['webhook_id', 'process_id']).doUpdateSet({ due_at: sql<string>`delivery_lanes.due_at` }),
    )
    .execute();
}

export interface ClaimRequest {
  /** Most lanes to claim. */
  readonly room: number;
  /** Most lanes of one webhook, those already in hand included. */
  readonly each: number;
  /** Webhook id → lanes already in hand. */
  readonly inHand: ReadonlyMap<string, number>;
  readonly leaseMs: number;
}

/**
 * Claims due lanes of all tenants, each for one worker alone. The recursive part steps from webhook to webhook through the
 * index, so that thousands of due lanes of one webhook neither hide those of another nor are read to be skipped.
 */
export async function claimLanes(db: Db, { room, each, inHand, leaseMs }: ClaimRequest): Promise<ClaimedLane[]> {
  const claimed = await sql<ClaimedLane>`
    with recursive queued (webhook_id) as (
      (select webhook_id from delivery_lanes order by webhook_id limit 1)
      union all
      select (select lane.webhook_id from delivery_lanes lane
              where lane.webhook_id > queued.webhook_id order by lane.webhook_id limit 1)
      from queued where queued.webhook_id is not null
    ),
    picked as materialized (
      select due.webhook_id, due.process_id
      from queued cross join lateral (
        select lane.webhook_id, lane.process_id, lane.due_at from delivery_lanes lane
        where lane.webhook_id = queued.webhook_id and lane.due_at <= now()
        order by lane.due_at
        limit greatest(0, ${each}::int - coalesce((${JSON.stringify(Object.fromEntries(inHand))}::jsonb ->> queued.webhook_id)::int, 0))
        for update skip locked
      ) due
      order by due.due_at
      limit ${room}
    )
    update delivery_lanes lane
    set due_at = now() + ${milliseconds(leaseMs)}, claim = ${randomUUID()}::uuid
    from picked
    where lane.webhook_id = picked.webhook_id and lane.process_id = picked.process_id
    returning lane.tenant, lane.webhook_id as "webhookId", lane.process_id as "processId", lane.claim`.execute(db);
  return claimed.rows;
}

/** Milliseconds until a lane of any other webhook than these is due, 0 when one is; undefined when there is none. */
export async function untilNextDue(db: Db, except: readonly string[]): Promise<number | undefined> {
  const { wait } = await db
    .selectFrom('delivery_lanes')
    .select(sql<number | null>`(extract(epoch from min(due_at) - now()) * 1000)::float8`.as('wait'))
    .where(sql<boolean>`webhook_id <> all(${except}::text[])`)
    .executeTakeFirstOrThrow();
  return wait === null ? undefined : Math.max(0, Math.ceil(wait));
}

/** Locks a claimed lane. @returns false when the claim was lost: the lease ran out, or the lane was closed */
export async function holdLane(tx: Tx, lane: ClaimedLane): Promise<boolean> {
  const held = await tx
    .selectFrom('delivery_lanes')
    .select('claim')
    .where('webhook_id', '=', lane.webhookId)
    .where('process_id', '=', lane.processId)
    .where('claim', '=', lane.claim)
    .forUpdate()
    .executeTakeFirst();
  return held !== undefined;
}

/** Gives a held lane back; it is due again after `delayMs`. */
export async function releaseLane(tx: Tx, lane: Lane, delayMs: number): Promise<void> {
  await tx
    .updateTable('delivery_lanes')
    .set({ due_at: sql<string>`now() + ${milliseconds(delayMs)}`, claim: null })
    .where('webhook_id', '=', lane.webhookId)
    .where('process_id', '=', lane.processId)
    .execute();
}

/** Removes a held lane that has nothing left to deliver. */
export async function closeLane(tx: Tx, lane: Lane): Promise<void> {
  await tx
    .deleteFrom('delivery_lanes')
    .where('webhook_id', '=', lane.webhookId)
    .where('process_id', '=', lane.processId)
    .execute();
}

/** Removes every lane of a webhook, the claimed ones too. */
export async function closeLanesOf(tx: Tx, webhookId: string): Promise<void> {
  await tx.deleteFrom('delivery_lanes').where('webhook_id', '=', webhookId).execute();
}
