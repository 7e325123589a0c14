import type { Bus } from '@handover/bus';
import { eventMessageType, eventTopic, type HandoverEvent } from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { targetOf } from '../targets/target.js';
import type { OpenDelivery } from './delivery.repository.js';
import type { ClaimedLane } from './lane.repository.js';

type Scenario = Extract<HandoverEvent, { type: 'delivery.failed' }>['data']['scenario'];

const TIMEOUT_MS = 5_000;

/** Publishes what became of a delivery: under the same id however often, so that consumers can tell. */
export async function announceDelivery(
  { db, bus }: { readonly db: Kysely<NotifierSchema>; readonly bus: Bus },
  lane: ClaimedLane,
  delivery: OpenDelivery,
): Promise<void> {
  const type = delivery.announce ?? 'delivery.failed';
  const target = targetOf(lane.tenant, lane.target);
  const scenario = delivery.notification?.scenario ?? scenarioOf(delivery.body);
  const event = {
    specversion: '1.0',
    id: `${delivery.id}:${delivery.attemptsMade}:${type}`,
    source: 'handover/notifier',
    type,
    subject: lane.processId,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    tenantid: lane.tenant,
    data: {
      delivery: delivery.id,
      process: lane.processId,
      channel: target.kind,
      target: target.kind === 'service' ? target.name : target.id,
      reason: (type === 'delivery.failed' ? await lastError(db, lane.tenant, delivery) : delivery.reason) ?? 'unknown',
      attempts: delivery.attemptsMade,
      ...(scenario && { scenario }),
    },
  } satisfies HandoverEvent;
  const headers = { tenant: lane.tenant, contentType: 'application/cloudevents+json' };
  const message = { id: event.id, type: eventMessageType(type), key: lane.processId, headers, body: event };
  await bus.publish(eventTopic(event), message, { timeoutMs: TIMEOUT_MS });
}

/** A webhook's body is an event, and says whose. */
function scenarioOf(body: string): Scenario {
  return (JSON.parse(body) as { data?: { scenario?: Scenario } }).data?.scenario;
}

async function lastError(db: Kysely<NotifierSchema>, tenant: string, { id, attemptsMade }: OpenDelivery) {
  const row = await withTenant(db, tenant, (tx) =>
    tx
      .selectFrom('attempts')
      .select('error')
      .where('delivery_id', '=', id)
      .where('number', '=', attemptsMade)
      .executeTakeFirst(),
  );
  return row?.error;
}
