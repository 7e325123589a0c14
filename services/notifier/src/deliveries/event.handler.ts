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
import { wants } from '../webhooks/event-filter.js';
import type { ActiveWebhook, Lookout } from '../webhooks/lookout.js';
import type { AtOnce } from './at-once.js';
import { messagesOf } from './message.js';
import type { NewDelivery } from './store.js';

export interface EventHandlerDeps {
  readonly lookout: Lookout;
  readonly atOnce: Pick<AtOnce, 'deliver'>;
}

/**
 * Turns an event into a delivery for every webhook of its tenant that wants it. Once it says `done`, each is made or survives any
 * crash, and the same event again adds none. What is no event is rejected with the reason.
 */
export function eventHandler({ lookout, atOnce }: EventHandlerDeps): MessageHandler {
  /** By its own name, or for the status of a workflow that it may tell. */
  const isWanted = async ({ tenant, type }: Said): Promise<boolean> =>
    (await lookout.isWanted(tenant, type)) || lookout.isWanted(tenant, CASE_STATUS_CHANGED);

  const deliverAll = async (event: HandoverEvent, traceparent: string | undefined): Promise<void> => {
    const messages = messagesOf(event);
    const inOrder = async (webhook: ActiveWebhook): Promise<void> => {
      for (const { type, cause, body } of messages) {
        if (!wants(webhook, event, type)) continue;
        const { tenantid: tenant, subject: processId } = event;
        const id = idOf('msg', Date.parse(event.time), tenant, webhook.id, cause);
        const delivery: NewDelivery = {
          tenant,
          target: webhook.id,
          processId,
          id,
          cause,
          event: type,
          body,
          traceparent,
        };
        await atOnce.deliver(delivery, webhook);
      }
    };
    await Promise.all([...(await lookout.of(event.tenantid)).values()].map(inOrder));
  };

  return async (message) => {
    // Most events, nobody wants: they are not looked into.
    const said = saysIt(message);
    if (said && !(await isWanted(said))) return { kind: 'done' };
    const parsed = eventSchema.safeParse(message.body);
    if (!parsed.success) {
      const wrong = parsed.error.issues.map(({ path, message: what }) => `${path.join('.') || 'event'}: ${what}`);
      return { kind: 'reject', reason: `not an event: ${wrong.join('; ')}` };
    }
    const event = parsed.data;
    if (message.type !== eventMessageType(event.type)) {
      return { kind: 'reject', reason: `a message '${message.type}' cannot carry the event '${event.type}'` };
    }
    const { traceparent: parent } = message.headers;
    await traced(message.type, { kind: 'consumer', parent }, ({ traceparent }) => deliverAll(event, traceparent));
    return { kind: 'done' };
  };
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
