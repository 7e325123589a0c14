import { z } from 'zod';
import { errorCodeSchema, fieldErrorSchema } from './errors.js';
import { apiKeyKindSchema, privilegeSchema } from './principal.js';

const scenarioFacts = z.object({
  id: z.string(),
  name: z.string().optional(),
  version: z.string().optional(),
  title: z.string(),
});

/** What every announcement of a process says of it. */
const processFacts = z.object({
  process: z.string(),
  title: z.string(),
  scenario: scenarioFacts,
  /** Key of the state the process is in now. */
  state: z.string(),
  /** Hash of the event that caused this; the process's ETag at that moment. */
  etag: z.string(),
  /** What the process is found by; absent in announcements of an earlier version. */
  tags: z.array(z.string()).optional(),
  /** Services that are asked at once by the state that this led into; absent when it asks none. */
  asked: z.array(z.string()).optional(),
});

const completionFacts = processFacts.extend({
  result: z.unknown(),
  tags: z.array(z.string()),
  /** Keys of the process's actors. */
  actors: z.array(z.string()),
  /** ISO 8601. */
  startedAt: z.string(),
  completedAt: z.string(),
  durationMs: z.number(),
  /** What led into the end: the start itself, an action, time, or a migration. Absent in announcements of an earlier version. */
  endedBy: z.enum(['start', 'action', 'timeout', 'migration']).optional(),
});

/** What an API key can do; never the key itself. */
const keyFacts = z.object({
  key: z.string(),
  name: z.string(),
  kind: apiKeyKindSchema,
  privileges: z.array(privilegeSchema),
  owner: z.string().optional(),
  service: z.string().optional(),
  instance: z.string().optional(),
  /** ISO 8601. */
  expiration: z.string(),
  /** Id of the principal that did it. */
  by: z.string(),
});

/** CloudEvents 1.0 attributes, with `tenantid` as extension. `id` is stable over redelivery, `subject` is what it is about. */
const envelope = {
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.literal('handover/engine'),
  subject: z.string(),
  /** ISO 8601. */
  time: z.string(),
  datacontenttype: z.literal('application/json'),
  tenantid: z.string(),
  /** Extension "distributed tracing": W3C trace context of what caused it. */
  traceparent: z.string().optional(),
};
const ofAuth = { ...envelope, source: z.literal('handover/auth') };
const ofNotifier = { ...envelope, source: z.literal('handover/notifier') };

const deliveryFacts = z.object({
  delivery: z.string(),
  /** Absent when it carried an event about something else. */
  process: z.string().optional(),
  channel: z.enum(['webhook', 'service']),
  /** Id of the webhook or name of the service; never an address. */
  target: z.string(),
  reason: z.string(),
  attempts: z.number().int(),
  /** Of the process, where the notifier knows it. */
  scenario: scenarioFacts.optional(),
});

/** Everything the platform announces; names are past tense, and the literal `type` tells them apart. */
export const eventSchema = z.discriminatedUnion('type', [
  z.object({ ...envelope, type: z.literal('process.started'), data: processFacts }),
  z.object({
    ...envelope,
    type: z.literal('process.stepped'),
    data: processFacts.extend({ action: z.string(), actor: z.string() }),
  }),
  z.object({
    ...envelope,
    type: z.literal('process.rejected'),
    data: processFacts.extend({ action: z.string(), actor: z.string(), reasons: z.array(z.string()) }),
  }),
  z.object({ ...envelope, type: z.literal('process.timed-out'), data: processFacts }),
  z.object({
    ...envelope,
    type: z.literal('process.migrated'),
    data: processFacts.extend({ from: z.string(), to: z.string() }),
  }),
  z.object({ ...envelope, type: z.literal('process.completed'), data: completionFacts }),
  z.object({
    ...envelope,
    type: z.literal('process.raised'),
    /** Name and data are the scenario's own. */
    data: processFacts.extend({ name: z.string(), data: z.unknown() }),
  }),
  z.object({
    ...envelope,
    type: z.literal('process.incident-opened'),
    data: processFacts.extend({ incident: z.string(), reason: z.string() }),
  }),
  /** A scenario was stored or enabled again; the subject is its id. */
  z.object({
    ...envelope,
    type: z.literal('scenario.stored'),
    data: z.object({ scenario: scenarioFacts, by: z.string() }),
  }),
  z.object({
    ...envelope,
    type: z.literal('scenario.disabled'),
    data: z.object({ scenario: scenarioFacts, by: z.string() }),
  }),
  /** A command of the queue that nobody waited for was not carried out; the subject is its message-id, or our id of it. */
  z.object({
    ...envelope,
    type: z.literal('command.rejected'),
    data: z.object({
      command: z.string(),
      messageId: z.string().optional(),
      by: z.string(),
      code: errorCodeSchema,
      status: z.number().int(),
      detail: z.string(),
      errors: z.array(fieldErrorSchema).optional(),
      reasons: z.array(z.string()).optional(),
    }),
  }),
  /** The subject is the id of the key. */
  z.object({ ...ofAuth, type: z.literal('apikey.issued'), data: keyFacts }),
  z.object({ ...ofAuth, type: z.literal('apikey.revoked'), data: keyFacts }),
  /** A webhook or a service was not reached and is not tried again; the subject is that of what it carried. */
  z.object({ ...ofNotifier, type: z.literal('delivery.failed'), data: deliveryFacts }),
  /** A service answered, and the process did not accept it; the subject is the process. */
  z.object({ ...ofNotifier, type: z.literal('delivery.reply-refused'), data: deliveryFacts }),
  /** Nothing more is sent to a webhook: its receiver is gone, or failed for days. The subject is the webhook. */
  z.object({
    ...ofNotifier,
    type: z.literal('webhook.disabled'),
    data: z.object({ webhook: z.string(), reason: z.string() }),
  }),
]);
export type HandoverEvent = z.infer<typeof eventSchema>;
export type EventType = HandoverEvent['type'];

/** Version of the events' wire form, carried as the bus message's type: `<event type>.v1`. */
export const eventMessageType = (type: EventType): string => `${type}.v1`;

/**
 * Topic of an event: `<tenant>.<event type>.<scenario name>` (architecture §3). The type itself has a dot in it; no scenario, or one
 * without name, is `-`, and dots inside a name become dashes, as do characters a routing key does not take.
 */
export function eventTopic(event: HandoverEvent): string {
  const word = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]/g, '-') || '-';
  const scenario = 'scenario' in event.data ? event.data.scenario : undefined;
  return `${word(event.tenantid)}.${event.type}.${word(scenario?.name ?? '')}`;
}

/** Every type of event there is. */
export const EVENT_TYPES: readonly EventType[] = eventSchema.options.map(({ shape }) => shape.type.value);
