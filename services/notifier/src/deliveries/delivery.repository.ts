import { tenantScope, type Database } from '@handover/database';
import { sql, type Transaction } from 'kysely';
import type { DeliveryStatus, Announcement, NotificationFacts, NotifierSchema } from '../database.js';
import { lockWebhook } from '../webhooks/webhook.repository.js';
import { BY_KEY, closeLanesOf, milliseconds, openLanes, type Lane } from './lane.repository.js';
import type { AttemptResult } from './verdict.js';

type Tx = Transaction<NotifierSchema>;

/** A delivery with something left to do. */
export interface OpenDelivery {
  readonly id: string;
  readonly cause: string;
  /** Type of the event it carries; null for notifications. */
  readonly event: string | null;
  readonly traceparent: string | null;
  readonly body: string;
  readonly status: DeliveryStatus;
  /** Attempts made, and those of them that the schedule no longer counts. */
  readonly attemptsMade: number;
  readonly attemptsBefore: number;
  readonly notification: NotificationFacts | null;
  readonly reply: { readonly value?: unknown } | null;
  readonly announce: Announcement | null;
  readonly reason: string | null;
  /** Milliseconds since it was created. */
  readonly age: number;
}

/** The first open delivery of each lane of one tenant, if it has one. */
export async function findFirstOpen(
  transact: Database<NotifierSchema>['transact'],
  tenant: string,
  lanes: readonly Lane[],
): Promise<(OpenDelivery | undefined)[]> {
  const [rows = []] = await transact({ ...tenantScope(tenant), ...BY_KEY }, [
    {
      name: 'find_first_open',
      sql: `
        select lane.n::int, first.* from unnest($1::text[], $2::text[]) with ordinality as lane (target, process_id, n)
        cross join lateral (
          select id, cause, event, traceparent, body, status, attempts_made as "attemptsMade", attempts_before as "attemptsBefore",
            notification, reply, announce, reply_reason as reason,
            (extract(epoch from now() - created_at) * 1000)::float8 as age
          from deliveries
          where target = lane.target and process_id = lane.process_id
            and (status in ('pending', 'waiting', 'replied') or announce is not null)
          order by position limit 1
        ) first`,
      parameters: [lanes.map(({ target }) => target), lanes.map(({ processId }) => processId)],
    },
  ]);
  const found = new Map((rows as readonly (OpenDelivery & { n: number })[]).map((row) => [row.n, row]));
  return lanes.map((_, i) => found.get(i + 1));
}

/** Milliseconds the lane's first open delivery has been waiting; undefined when the lane has none. */
export async function waitingFor(tx: Tx, lane: Lane): Promise<number | undefined> {
  const first = await tx
    .selectFrom('deliveries')
    .select(['status', sql<number>`(extract(epoch from now() - created_at) * 1000)::float8`.as('age')])
    .where('target', '=', lane.target)
    .where('process_id', '=', lane.processId)
    .where(sql<boolean>`(status in ('pending', 'waiting', 'replied') or announce is not null)`)
    .orderBy('position')
    .limit(1)
    .executeTakeFirst();
  // What is only to be announced, or handed in, waits for nothing.
  return first && (first.status === 'pending' || first.status === 'waiting') ? first.age : first && Infinity;
}

/** Records an attempt and what it makes of its delivery. A reply that came meanwhile by another way is not forgotten. */
export async function recordAttempt(
  tx: Tx,
  tenant: string,
  attempt: AttemptResult & {
    readonly deliveryId: string;
    readonly number: number;
    readonly outcome: DeliveryStatus;
    readonly announce: Announcement | null;
  },
): Promise<void> {
  await tx
    .insertInto('attempts')
    .values({
      tenant,
      delivery_id: attempt.deliveryId,
      number: attempt.number,
      started_at: attempt.startedAt.toISOString(),
      duration_ms: attempt.durationMs,
      status: attempt.status,
      error: attempt.error,
      answer: attempt.answer,
    })
    .execute();
  const { outcome, reply, replyWithinMs } = attempt;
  const isSettled = outcome !== 'pending' && outcome !== 'replied';
  await tx
    .updateTable('deliveries')
    .set({
      attempts_made: attempt.number,
      status: sql<DeliveryStatus>`case when status = 'replied' then 'replied' else ${outcome} end`,
      settled_at: isSettled ? sql<string>`now()` : null,
      ...(attempt.announce !== null && { announce: attempt.announce }),
      ...(reply && { reply: JSON.stringify(reply), reply_status: 'received' as const }),
      ...(outcome === 'delivered' &&
        replyWithinMs !== undefined && {
          reply_status: sql<'awaited'>`coalesce(reply_status, 'awaited')`,
          reply_due_at: sql<string>`now() + ${milliseconds(replyWithinMs)}`,
        }),
    })
    .where('id', '=', attempt.deliveryId)
    .execute();
}

export interface Reply {
  readonly tenant: string;
  readonly target: string;
  /** Of the delivery it answers. */
  readonly id: string;
  readonly value: { readonly value?: unknown };
}

/**
 * Stores a reply that came by another way than its attempt, and has it handed in. One answer counts; another is welcome only when
 * the process refused the first.
 */
export async function storeReply(tx: Tx, { tenant, target, id, value }: Reply): Promise<void> {
  const delivery = await tx.selectFrom('deliveries').select('process_id').where('id', '=', id).executeTakeFirst();
  if (!delivery) return;
  // The lane first, as everywhere: the attempt that this answers may be recorded at the same moment.
  await openLanes(tx, [{ tenant, target, processId: delivery.process_id }], 0, true);
  await tx
    .updateTable('deliveries')
    .set({ reply: JSON.stringify(value), reply_status: 'received', reply_reason: null, status: 'replied' })
    .where('id', '=', id)
    .where(sql<boolean>`coalesce(reply_status, 'awaited') in ('awaited', 'refused')`)
    .execute();
}

/** What the engine said to a reply. @param reason why it was refused */
export async function recordReply(tx: Tx, id: string, reason?: string): Promise<void> {
  await tx
    .updateTable('deliveries')
    .set({
      status: 'delivered',
      settled_at: sql<string>`coalesce(settled_at, now())`,
      reply_status: reason === undefined ? 'applied' : 'refused',
      reply_reason: reason ?? null,
      ...(reason !== undefined && { announce: 'delivery.reply-refused' as const }),
    })
    .where('id', '=', id)
    .execute();
}

export async function markAnnounced(tx: Tx, id: string): Promise<void> {
  await tx.updateTable('deliveries').set({ announce: null }).where('id', '=', id).execute();
}

export async function markWaiting(tx: Tx, id: string): Promise<void> {
  await tx.updateTable('deliveries').set({ status: 'waiting' }).where('id', '=', id).execute();
}

/** Gives up everything still to be delivered to a webhook that was disabled or deleted in this transaction or before. */
export async function cancelDeliveries(tx: Tx, webhookId: string): Promise<void> {
  await lockWebhook(tx, webhookId);
  await closeLanesOf(tx, webhookId);
  await tx
    .updateTable('deliveries')
    .set({ status: 'cancelled', settled_at: sql<string>`now()` })
    .where('target', '=', webhookId)
    .where('status', '=', 'pending')
    .execute();
}
