import { HandoverError } from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { enqueue } from '../deliveries/enqueue.js';
import { newId } from '../id.js';
import { findWebhook } from './webhook.repository.js';

/**
 * Sends a webhook a test event, whatever it subscribed to: signed, tried again and logged as any other.
 * @returns the delivery's id; undefined when there is no such webhook
 * @throws HandoverError `state_conflict` when it is disabled
 */
export async function pingWebhook(
  db: Kysely<NotifierSchema>,
  tenant: string,
  webhookId: string,
): Promise<string | undefined> {
  return withTenant(db, tenant, async (tx) => {
    const webhook = await findWebhook(tx, webhookId);
    if (!webhook) return undefined;
    if (webhook.disabled !== undefined) throw new HandoverError('state_conflict', 'The webhook is disabled');
    const id = newId('msg');
    const data = { event: id, tenant, subject: webhookId };
    const body = JSON.stringify({ type: 'webhook.ping', timestamp: new Date().toISOString(), data });
    await enqueue(
      tx,
      [{ tenant, id, target: webhookId, processId: webhookId, cause: id, event: 'webhook.ping', body }],
      0,
    );
    return id;
  });
}
