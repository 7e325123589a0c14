import type { MessageHandler } from '@handover/bus';
import { NOTIFICATION_TYPE, sentNotificationSchema, type SentNotification } from '@handover/contracts';
import type { Database } from '@handover/database';
import { traced } from '@handover/runtime';
import type { NotifierSchema } from '../database.js';
import { serviceTarget } from '../targets/target.js';
import { createBatches } from './batches.js';
import { storeDeliveries, type NewDelivery, type Stored } from './store.js';

export interface NotificationHandlerDeps {
  readonly transact: Database<NotifierSchema>['transact'];
  /** Called after a delivery was committed. */
  readonly onStored: () => void;
}

/**
 * Turns a notification into a delivery; those that come together share a transaction. Once it says `done`, the delivery survives any crash, and the same
 * notification again adds none. Whether its service exists is asked when it is to be sent.
 */
export function notificationHandler({ transact, onStored }: NotificationHandlerDeps): MessageHandler {
  const store = createBatches<NewDelivery, Stored>((tenant, deliveries) =>
    storeDeliveries(transact, tenant, deliveries),
  );
  return async (message) => {
    const parsed = sentNotificationSchema.safeParse(message.body);
    if (message.type !== NOTIFICATION_TYPE || !parsed.success) {
      return { kind: 'reject', reason: `not a notification: ${parsed.error?.message ?? message.type}` };
    }
    const notification = parsed.data;
    const { traceparent: parent = notification.traceparent } = message.headers;
    const stored = await traced(message.type, { kind: 'consumer', parent }, ({ traceparent }) =>
      store(notification.tenant, deliveryOf(notification, traceparent)),
    );
    if (stored !== 'known') onStored();
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
