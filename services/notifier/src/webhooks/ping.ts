import { HandoverError } from '@handover/contracts';
import { withTenant, type Database } from '@handover/database';
import type { NotifierSchema } from '../database.js';
import { storeDeliveries } from '../deliveries/store.js';
import { newId } from '../id.js';
import { findWebhook } from './webhook.repository.js';

/**
 * Sends a webhook a test event, whatever it subscribed to: signed, tried again and logged as any other.
 * @returns the delivery's id; undefined when there is no such webhook
 * @throws HandoverError `state_conflict` when it is disabled
 */
export async function pingWebhook(
  { db, transact }: Pick<Database<NotifierSchema>, 'db' | 'transact'>,
  tenant: string,
  webhookId: string,
): Promise<string | undefined> {
  const webhook = await withTenant(db, tenant, (tx) => findWebhook(tx, webhookId));
  if (!webhook) return undefined;
  if (webhook.disabled !== undefined) throw new HandoverError('state_conflict', 'The webhook is disabled');
  const id = newId('msg');
  const data = { event: id, tenant, subject: webhookId };
  const body = JSON.stringify({ type: 'webhook.ping', timestamp: new Date().toISOString(), data });
  const about = { tenant, id, target: webhookId, processId: webhookId };
  await storeDeliveries(transact, tenant, [{ ...about, cause: id, event: 'webhook.ping', body }]);
  return id;
}
