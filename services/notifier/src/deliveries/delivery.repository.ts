import { sql, type Transaction } from 'kysely';
import type { DeliveryStatus, NotifierSchema } from '../database.js';
import { closeLanesOf, type Lane } from './lane.repository.js';
import { lockWebhook } from '../webhooks/webhook.repository.js';
import type { AttemptResult } from './verdict.js';

type Tx = Transaction<NotifierSchema>;

export interface NewDelivery extends Lane {
  readonly id: string;
  readonly eventId: string;
  readonly body: string;
}

/** Stores deliveries in the order given, except those their event was already stored for. @returns those stored now */
export async function insertDeliveries(tx: Tx, deliveries: readonly NewDelivery[]): Promise<NewDelivery[]> {
  if (deliveries.length === 0) return [];
  const rows = await tx
    .insertInto('deliveries')
    .values(
      deliveries.map(({ tenant, id, webhookId, processId, eventId, body }) => ({
        tenant,
        id,
        webhook_id: webhookId,
        process_id: processId,
        event_id: eventId,
        body,
      })),
    )
    .onConflict((conflict) => conflict.columns(['tenant', 'webhook_id', 'event_id']).doNothing())
    .returning('id')
    .execute();
  const stored = new Set(rows.map(({ id }) => id));
  return deliveries.filter(({ id }) => stored.has(id));
}

/** The first pending delivery of a lane, with what it takes to send it. */
export interface PendingDelivery {
  readonly id: string;
  readonly body: string;
  readonly attemptsMade: number;
  readonly url: string;
  readonly sealedSecret: Buffer;
  /** False when the webhook was disabled or deleted. */
  readonly wanted: boolean;
}

export async function findFirstPending(tx: Tx, lane: Lane): Promise<PendingDelivery | undefined> {
  const row = await tx
    .selectFrom('deliveries as delivery')
    .innerJoin('webhooks as webhook', (join) =>
      join.onRef('webhook.tenant', '=', 'delivery.tenant').onRef('webhook.id', '=', 'delivery.webhook_id'),
    )
    .select(['delivery.id', 'delivery.body', 'delivery.attempts_made', 'webhook.url', 'webhook.secret'])
    .select(['webhook.disabled_at', 'webhook.deleted_at'])
    .where('delivery.webhook_id', '=', lane.webhookId)
    .where('delivery.process_id', '=', lane.processId)
    .where('delivery.status', '=', 'pending')
    .orderBy('delivery.position')
    .limit(1)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      body: row.body,
      attemptsMade: row.attempts_made,
      url: row.url,
      sealedSecret: row.secret,
      wanted: row.disabled_at === null && row.deleted_at === null,
    }
  );
}

/** Milliseconds the lane's first pending delivery has been waiting; undefined when the lane has none. */
export async function waitingFor(tx: Tx, lane: Lane): Promise<number | undefined> {
  const row = await tx
    .selectFrom('deliveries')
    .select(sql<number>`(extract(epoch from now() - created_at) * 1000)::float8`.as('waited'))
    .where('webhook_id', '=', lane.webhookId)
    .where('process_id', '=', lane.processId)
    .where('status', '=', 'pending')
    .orderBy('position')
    .limit(1)
    .executeTakeFirst();
  return row?.waited;
}

/** Records an attempt and what it makes of its delivery. */
export async function recordAttempt(
  tx: Tx,
  tenant: string,
  attempt: AttemptResult & { readonly deliveryId: string; readonly number: number; readonly outcome: DeliveryStatus },
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
  await tx
    .updateTable('deliveries')
    .set({
      attempts_made: attempt.number,
      status: attempt.outcome,
      settled_at: attempt.outcome === 'pending' ? null : sql<string>`now()`,
    })
    .where('id', '=', attempt.deliveryId)
    .execute();
}

/** Gives up everything still to be delivered to a webhook that was disabled or deleted in this transaction or before. */
export async function cancelDeliveries(tx: Tx, webhookId: string): Promise<void> {
  await lockWebhook(tx, webhookId);
  await closeLanesOf(tx, webhookId);
  await tx
    .updateTable('deliveries')
    .set({ status: 'cancelled', settled_at: sql<string>`now()` })
    .where('webhook_id', '=', webhookId)
    .where('status', '=', 'pending')
    .execute();
}
