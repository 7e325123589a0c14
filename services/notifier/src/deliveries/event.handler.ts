import type { Delivery, MessageHandler } from '@handover/bus';
import {
  CASE_STATUS_CHANGED,
  EVENT_TYPES,
  eventMessageType,
  eventSchema,
  type HandoverEvent,
} from '@handover/contracts';
import { traced } from '@handover/runtime';
import { idOf } from '../id.js';
import { matches, wants } from '../webhooks/event-filter.js';
import type { ActiveWebhook, Lookout } from '../webhooks/lookout.js';
import type { AtOnce } from './at-once.js';
import { messagesOf } from './message.js';

type Webhooks = ReadonlyMap<string, ActiveWebhook>;

export interface EventHandlerDeps {
  readonly lookout: Pick<Lookout, 'of'>;
  readonly atOnce: Pick<AtOnce, 'deliver'>;
}

/**
 * Turns an event into a delivery for every webhook of its tenant that wants it. Once it says `done`, each is made or survives any
 * crash, and the same event again adds none. What is no event is rejected with the reason.
 */
export function eventHandler({ lookout, atOnce }: EventHandlerDeps): MessageHandler {
  const deliverAll = (event: HandoverEvent, webhooks: Webhooks, traceparent: string | undefined): Promise<unknown> => {
    const { tenantid: tenant, subject: processId } = event;
    const messages = messagesOf(event);
    const begun: Promise<void>[] = [];
    for (const webhook of webhooks.values()) {
      for (const { type, cause, body } of messages) {
        if (!wants(webhook, event, type)) continue;
        const id = idOf('msg', Date.parse(event.time), tenant, webhook.id, cause);
        const about = { tenant, target: webhook.id, processId, id, cause };
        begun.push(atOnce.deliver({ ...about, event: type, body, traceparent }, webhook));
      }
    }
    return Promise.all(begun);
  };

  return async (message) => {
    // Most events, nobody wants: they are not looked into.
    const said = saysIt(message);
    if (said && !isWanted(await lookout.of(said.tenant), said.type)) return { kind: 'done' };
    const event = readEvent(message);
    if (typeof event === 'string') return { kind: 'reject', reason: event };
    const webhooks = await lookout.of(event.tenantid);
    const { traceparent: parent } = message.headers;
    const span = { kind: 'consumer', parent } as const;
    await traced(message.type, span, ({ traceparent }) => deliverAll(event, webhooks, traceparent));
    return { kind: 'done' };
  };
}

/** @returns why it is none, where it is none */
function readEvent({ type, body }: Delivery): HandoverEvent | string {
  const parsed = eventSchema.safeParse(body);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message: what }) => `${path.join('.') || 'event'}: ${what}`);
    return `not an event: ${wrong.join('; ')}`;
  }
  const { data: event } = parsed;
  return type === eventMessageType(event.type) ? event : `a message '${type}' cannot carry the event '${event.type}'`;
}

interface Said {
  readonly tenant: string;
  readonly type: string;
}

/** Whose event of which type a message says that it carries; undefined when it carries none. */
function saysIt({ type, body }: Delivery): Said | undefined {
  const event = (body ?? {}) as { readonly tenantid?: unknown; readonly type?: unknown };
  if (typeof event.tenantid !== 'string' || typeof event.type !== 'string') return undefined;
  return MESSAGE_TYPES.get(event.type) === type ? { tenant: event.tenantid, type: event.type } : undefined;
}

const MESSAGE_TYPES: ReadonlyMap<string, string> = new Map(EVENT_TYPES.map((type) => [type, eventMessageType(type)]));

/** Whether any of them wants events of this type, by its own name or for the status of a workflow that it may tell. */
function isWanted(webhooks: Webhooks, type: string): boolean {
  for (const { events } of webhooks.values()) {
    if (matches(events, type) || matches(events, CASE_STATUS_CHANGED)) return true;
  }
  return false;
}
