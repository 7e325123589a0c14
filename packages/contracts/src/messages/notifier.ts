import { z } from 'zod';
import { defineRequest } from '../request.js';

/** `process.completed`, or a family by wildcard: `process.*`, `*`. */
export const eventFilterSchema = z
  .string()
  .max(100)
  .regex(
    /^(\*|[a-z]+\.(\*|[a-z-]+))$/,
    'must be an event type such as process.completed, or a family such as process.*',
  );

export const webhookSchema = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  /** ISO 8601. */
  created: z.string(),
  /** Since when nothing is sent any more, because the receiver answered 410 Gone; ISO 8601. Absent while it is active. */
  disabled: z.string().optional(),
});
export type Webhook = z.infer<typeof webhookSchema>;

/** Registers a receiver of events. The secret (`whsec_…`, Standard Webhooks) is shown in this answer only. */
export const createWebhook = defineRequest({
  type: 'webhook.create.v1',
  service: 'notifier',
  body: z.object({
    url: z.url({ protocol: /^https?$/ }).max(2_000),
    events: z.array(eventFilterSchema).min(1).max(50),
  }),
  answer: webhookSchema.extend({ secret: z.string() }),
});

export const listWebhooks = defineRequest({
  type: 'webhook.list.v1',
  service: 'notifier',
  body: z.object({}),
  answer: z.object({ webhooks: z.array(webhookSchema) }),
});

export const deleteWebhook = defineRequest({
  type: 'webhook.delete.v1',
  service: 'notifier',
  body: z.object({ id: z.string() }),
  answer: z.object({}),
});
