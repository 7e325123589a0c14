import type { Delivery, MessageHandler } from '@handover/bus';
import {
  CASE_STATUS_CHANGED,
  EVENT_TYPES,
  eventMessageType,
  eventSchema,
  type HandoverEvent,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import { traced, withContext } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { newId } from '../id.js';
import { wants } from '../webhooks/event-filter.js';
import { createInterest } from '../webhooks/interest.js';
import { findActiveWebhooks } from '../webhooks/webhook.repository.js';
import { isAboutProcess } from './about.js';
import { createBatches } from './batches.js';
import { enqueue } from './enqueue.js';
import { messagesOf } from './message.js';

export interface EventHandlerDeps {
  readonly db: Kysely<NotifierSchema>;
  /** Before the first attempt, in milliseconds. */
  readonly firstDelayMs: number;
  /** Called after deliveries were committed. */
  readonly onStored: () => void;
}

/**
 * Turns an event into a delivery for every webhook of its tenant that wants it; events that come together share a transaction.
 * Once it says `done`, the deliveries survive any crash, and the same event again adds none. What is no event is rejected with the reason.
 */
export function eventHandler(deps: EventHandlerDeps): MessageHandler {
  const interest = createInterest(deps.db);
  const store = createBatches<Told, number>((tenant, told) => storeAll(deps, tenant, told), MOST_TOGETHER);
  /** By its own name, or for the status of a workflow that it may tell. */
  const isWanted = async ({ tenant, type }: Said): Promise<boolean> =>
    (await interest.in(tenant, type)) || interest.in(tenant, CASE_STATUS_CHANGED);
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
    const about = isAboutProcess(event.type) ? { processId: event.subject } : {};
    const stored = await withContext({ tenant: event.tenantid, ...about }, () =>
      traced(message.type, { kind: 'consumer', parent }, ({ traceparent }) =>
        store(event.tenantid, { event, traceparent }),
      ),
    );
    if (stored > 0) deps.onStored();
    return { kind: 'done' };
  };
}

/** An event, and the trace it was told in. */
interface Told {
  readonly event: HandoverEvent;
  readonly traceparent: string | undefined;
}

/** Events stored in one transaction. */
const MOST_TOGETHER = 256;

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

/** @returns for each event, how many deliveries are new */
function storeAll(
  { db, firstDelayMs }: EventHandlerDeps,
  tenant: string,
  told: readonly Told[],
): Promise<readonly number[]> {
  return withTenant(db, tenant, async (tx) => {
    const webhooks = await findActiveWebhooks(tx);
    const deliveries = told.map(({ event, traceparent }) =>
      messagesOf(event).flatMap(({ type, cause, body }) =>
        webhooks
          .filter((filter) => wants(filter, event, type))
          .map(({ id: target }) => {
            const about = { tenant, target, processId: event.subject };
            return { ...about, id: newId('msg'), cause, event: type, body, traceparent };
          }),
      ),
    );
    const stored = await enqueue(tx, deliveries.flat(), firstDelayMs);
    return deliveries.map((own) => own.filter(({ id }) => stored.has(id)).length);
  });
}
