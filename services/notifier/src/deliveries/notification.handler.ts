import type { MessageHandler } from '@handover/bus';
import { NOTIFICATION_TYPE, sentNotificationSchema, type SentNotification } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { traced, withContext } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { serviceTarget } from '../targets/target.js';
import { enqueue } from './enqueue.js';

export interface NotificationHandlerDeps {
  readonly db: Kysely<NotifierSchema>;
  /** Called after a delivery was committed. */
  readonly onStored: () => void;
}

/**
 * Turns a notification into a delivery, in one transaction: once it says `done`, the delivery survives any crash, and the same
 * notification again adds none. Whether its service exists is asked when it is to be sent.
 */
export function notificationHandler({ db, onStored }: NotificationHandlerDeps): MessageHandler {
  return async (message) => {
    const parsed = sentNotificationSchema.safeParse(message.body);
    if (message.type !== NOTIFICATION_TYPE || !parsed.success) {
      return { kind: 'reject', reason: `not a notification: ${parsed.error?.message ?? message.type}` };
    }
    const notification = parsed.data;
    const { tenant, process: processId, id: deliveryId } = notification;
    const { traceparent: parent = notification.traceparent } = message.headers;
    const stored = await withContext({ tenant, processId, deliveryId }, () =>
      traced(message.type, { kind: 'consumer', parent }, ({ traceparent }) =>
        withTenant(db, tenant, (tx) => enqueue(tx, [deliveryOf(notification, traceparent)], 0)),
      ),
    );
    if (stored.size > 0) onStored();
    return { kind: 'done' };
  };
}

function deliveryOf(
  { message, tenant, process: processId, ...facts }: SentNotification,
  traceparent: string | undefined,
) {
  const isText = typeof message === 'string';
  return {
    tenant,
    id: facts.id,
    target: serviceTarget(tenant, facts.service),
    processId,
    cause: facts.id,
    body: isText ? message : JSON.stringify(message ?? null),
    notification: { ...facts, isText },
    traceparent,
  };
}
