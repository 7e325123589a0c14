import { z } from 'zod';

/** What every announcement of a process says of it. */
const processFacts = z.object({
  process: z.string(),
  title: z.string(),
  scenario: z.object({
    id: z.string(),
    name: z.string().optional(),
    version: z.string().optional(),
    title: z.string(),
  }),
  /** Key of the state the process is in now. */
  state: z.string(),
  /** Hash of the event that caused this; the process's ETag at that moment. */
  etag: z.string(),
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
});

/** CloudEvents 1.0 attributes, with `tenantid` as extension. `id` is stable over redelivery, `subject` is the process id. */
const envelope = {
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.literal('handover/engine'),
  subject: z.string(),
  /** ISO 8601. */
  time: z.string(),
  datacontenttype: z.literal('application/json'),
  tenantid: z.string(),
};

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
    type: z.literal('process.incident-opened'),
    data: processFacts.extend({ incident: z.string(), reason: z.string() }),
  }),
]);
export type HandoverEvent = z.infer<typeof eventSchema>;
export type EventType = HandoverEvent['type'];

/** Version of the events' wire form, carried as the bus message's type: `<event type>.v1`. */
export const eventMessageType = (type: EventType): string => `${type}.v1`;

/**
 * Topic of an event: `<tenant>.<event type>.<scenario name>` (architecture §3). The type itself has a dot in it; a scenario
 * without name is `-`, and dots inside a name become dashes, as do characters a routing key does not take.
 */
export function eventTopic(event: HandoverEvent): string {
  const word = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]/g, '-') || '-';
  return `${word(event.tenantid)}.${event.type}.${word(event.data.scenario.name ?? '')}`;
}
