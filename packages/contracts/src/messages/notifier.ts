import { z } from 'zod';
import { defineRequest } from '../request.js';
import { outgoingHeadersSchema } from './outgoing-headers.js';

/** `process.completed`, or a family by wildcard: `process.*`, `*`. */
export const eventFilterSchema = z
  .string()
  .max(100)
  .regex(
    /^(\*|[a-z]+\.(\*|[a-z-]+))$/,
    'must be an event type such as process.completed, or a family such as process.*',
  );

const url = z.url({ protocol: /^https?$/ }).max(2_000);
const events = z.array(eventFilterSchema).min(1).max(50);
/** Names or ids of scenarios; what happens in others, or in none, is not sent. Absent: of all. */
const scenarios = z.array(z.string().min(1).max(200)).min(1).max(50);
const description = z.string().max(500);
/** Sent with every message. What sounds like a credential is not shown again. */
const headers = outgoingHeadersSchema(['content-type', 'user-agent']);

/**
 * What messages are signed by. `v1` is the secret (HMAC, Standard Webhooks) and always there. For receivers who verify by public
 * key, `v1a` adds a signature by a key pair of the webhook's own (Ed25519, Standard Webhooks), `jws` a detached JWS in the header
 * `JWS-SIGNATURE`.
 */
export const webhookSigningSchema = z.enum(['v1', 'v1a', 'jws']);
export type WebhookSigning = z.infer<typeof webhookSigningSchema>;

export const webhookSchema = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  scenarios: z.array(z.string()).optional(),
  description: z.string().optional(),
  signing: webhookSigningSchema,
  /** `whpk_…`, verifies `v1a`. */
  publicKey: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** ISO 8601. */
  created: z.string(),
  /** Since when nothing is sent any more, and why: the receiver answered 410 Gone, failed for days, or somebody said so. ISO 8601; absent while it is active. */
  disabled: z.string().optional(),
  disabledReason: z.string().optional(),
});
export type Webhook = z.infer<typeof webhookSchema>;

/** Registers a receiver of events. The secret (`whsec_…`, Standard Webhooks) is shown in this answer only. */
export const createWebhook = defineRequest({
  type: 'webhook.create.v1',
  service: 'notifier',
  body: z.object({
    url,
    events,
    scenarios: scenarios.optional(),
    description: description.optional(),
    signing: webhookSigningSchema.optional(),
    headers: headers.optional(),
  }),
  answer: webhookSchema.extend({ secret: z.string() }),
});

export const listWebhooks = defineRequest({
  type: 'webhook.list.v1',
  service: 'notifier',
  body: z.object({}),
  answer: z.object({ webhooks: z.array(webhookSchema) }),
});

export const getWebhook = defineRequest({
  type: 'webhook.get.v1',
  service: 'notifier',
  body: z.object({ id: z.string() }),
  answer: z.object({ webhook: webhookSchema }),
});

/**
 * Changes what is given; null takes it away. `enabled: false` stops and cancels what is still to be sent, `enabled: true`
 * begins again with the next event.
 */
export const updateWebhook = defineRequest({
  type: 'webhook.update.v1',
  service: 'notifier',
  body: z.object({
    id: z.string(),
    url: url.optional(),
    events: events.optional(),
    scenarios: scenarios.nullish(),
    description: description.nullish(),
    signing: webhookSigningSchema.optional(),
    headers: headers.nullish(),
    enabled: z.boolean().optional(),
  }),
  answer: z.object({ webhook: webhookSchema }),
});

const DAY_S = 86_400;

/** A new secret, shown in this answer only, and a new key pair where there was one. Messages are signed with the old one as well until `overlap` seconds have passed. */
export const rotateWebhookSecret = defineRequest({
  type: 'webhook.rotate-secret.v1',
  service: 'notifier',
  body: z.object({
    id: z.string(),
    overlap: z
      .number()
      .int()
      .min(0)
      .max(7 * DAY_S)
      .default(DAY_S),
  }),
  answer: z.object({
    secret: z.string(),
    publicKey: z.string().optional(),
    /** Until when the old secret signs too; ISO 8601. */
    oldUntil: z.string(),
  }),
});

/** Sends a test event (`webhook.ping`), whatever the subscription says. Not while the webhook is disabled: `state_conflict`. */
export const pingWebhook = defineRequest({
  type: 'webhook.ping.v1',
  service: 'notifier',
  body: z.object({ id: z.string() }),
  answer: z.object({
    /** Id of the delivery, to be followed under `/deliveries`. */
    delivery: z.string(),
  }),
});

export const deleteWebhook = defineRequest({
  type: 'webhook.delete.v1',
  service: 'notifier',
  body: z.object({ id: z.string() }),
  answer: z.object({}),
});

/** The public keys that verify {@link webhookSigningSchema} `jws`, as a JWK set. For everybody. */
export const getWebhookKeys = defineRequest({
  type: 'webhook.keys.v1',
  service: 'notifier',
  body: z.object({}),
  answer: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
});
