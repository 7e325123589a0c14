import type { Bus } from '@handover/bus';
import { eventMessageType, eventTopic, type HandoverEvent } from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { targetOf } from '../targets/target.js';
import { isAboutDelivery, isAboutProcess } from './about.js';
import type { OpenDelivery } from './delivery.repository.js';
import type { ClaimedLane } from './lane.repository.js';

type Scenario = Extract<HandoverEvent, { type: 'delivery.failed' }>['data']['scenario'];

export interface AnnounceDeps {
  readonly db: Kysely<NotifierSchema>;
  readonly bus: Bus;
}

const TIMEOUT_MS = 5_000;

/** Publishes what became of a delivery: under the same ids however often, so that consumers can tell. */
export async function announceDelivery(deps: AnnounceDeps, lane: ClaimedLane, delivery: OpenDelivery): Promise<void> {
  const { announce, event } = delivery;
  if (announce !== 'webhook.disabled') return publish(deps.bus, await eventAbout(deps, lane, delivery));
  if (!isAboutDelivery(event)) await publish(deps.bus, await eventAbout(deps, lane, delivery));
  await publish(deps.bus, await eventOfDisabling(deps, lane, delivery));
}

async function eventAbout({ db }: AnnounceDeps, lane: ClaimedLane, delivery: OpenDelivery): Promise<HandoverEvent> {
  const type = delivery.announce === 'delivery.reply-refused' ? delivery.announce : 'delivery.failed';
  const target = targetOf(lane.tenant, lane.target);
  const scenario = delivery.notification?.scenario ?? scenarioOf(delivery.body);
  return {
    ...envelopeOf(lane),
    id: `${delivery.id}:${delivery.attemptsMade}:${type}`,
    type,
    subject: lane.processId,
    data: {
      delivery: delivery.id,
      ...(isAboutProcess(delivery.event) && { process: lane.processId }),
      channel: target.kind,
      target: target.kind === 'service' ? target.name : target.id,
      reason: (type === 'delivery.failed' ? await lastError(db, lane.tenant, delivery) : delivery.reason) ?? 'unknown',
      attempts: delivery.attemptsMade,
      ...(scenario && { scenario }),
    },
  };
}

async function eventOfDisabling(
  { db }: AnnounceDeps,
  lane: ClaimedLane,
  delivery: OpenDelivery,
): Promise<HandoverEvent> {
  const webhook = await withTenant(db, lane.tenant, (tx) =>
    tx.selectFrom('webhooks').select('disabled_reason').where('id', '=', lane.target).executeTakeFirst(),
  );
  return {
    ...envelopeOf(lane),
    id: `${delivery.id}:${delivery.attemptsMade}:webhook.disabled`,
    type: 'webhook.disabled',
    subject: lane.target,
    data: { webhook: lane.target, reason: webhook?.disabled_reason ?? 'unknown' },
  };
}

function envelopeOf({ tenant }: ClaimedLane) {
  return {
    specversion: '1.0',
    source: 'handover/notifier',
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    tenantid: tenant,
  } as const;
}

function publish(bus: Bus, event: HandoverEvent): Promise<void> {
  const headers = { tenant: event.tenantid, contentType: 'application/cloudevents+json' };
  const message = { id: event.id, type: eventMessageType(event.type), key: event.subject, headers, body: event };
  return bus.publish(eventTopic(event), message, { timeoutMs: TIMEOUT_MS });
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
