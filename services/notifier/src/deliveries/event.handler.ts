import type { Delivery, MessageHandler, MessageHeaders, Outcome } from '@handover/bus';
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

/** An event as somebody says it. */
export type Envelope = Pick<Delivery, 'type' | 'body'> & { readonly headers: Pick<MessageHeaders, 'traceparent'> };

/** {@link deliverEvents} for a bus whose messages carry one event each. */
export function eventHandler(deps: EventHandlerDeps): MessageHandler {
  const deliver = deliverEvents(deps);
  return (message) => deliver([message]);
}

/**
 * Turns events into a delivery for every webhook of their tenant that wants them, in the order given. Once it says `done`, each is
 * made or survives any crash, and the same event again adds none. What is no event is rejected with the reason, when the others
 * are done.
 */
export function deliverEvents({
  lookout,
  atOnce,
}: EventHandlerDeps): (envelopes: readonly Envelope[]) => Promise<Outcome> {
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

  return async (envelopes) => {
    const begun: Promise<unknown>[] = [];
    const wrong: string[] = [];
    for (const envelope of envelopes) {
      const said = saysIt(envelope);
      // Most events, nobody wants: they are not looked into.
      if (said && !isWanted(await lookout.of(said.tenant), said.type)) continue;
      const event = readEvent(envelope);
      if (typeof event === 'string') {
        wrong.push(event);
        continue;
      }
      const webhooks = await lookout.of(event.tenantid);
      const { traceparent: parent } = envelope.headers;
      const span = { kind: 'consumer', parent } as const;
      const delivered = traced(envelope.type, span, ({ traceparent }) => deliverAll(event, webhooks, traceparent));
      // It is waited for below, unless the next cannot be begun.
      delivered.catch(() => undefined);
      begun.push(delivered);
    }
    await Promise.all(begun);
    return wrong.length === 0 ? { kind: 'done' } : { kind: 'reject', reason: wrong.join('; ') };
  };
}

/** @returns why it is none, where it is none */
function readEvent({ type, body }: Envelope): HandoverEvent | string {
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
function saysIt({ type, body }: Envelope): Said | undefined {
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
