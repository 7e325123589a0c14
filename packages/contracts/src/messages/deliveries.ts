import { z } from 'zod';
import { defineRequest } from '../request.js';

/**
 * `waiting`: for its service to exist; `pending`: to be sent, or again; `replied`: the answer is about to become a step;
 * `delivered`, `failed`, `cancelled`: settled.
 */
export const DELIVERY_STATUSES = ['waiting', 'pending', 'replied', 'delivered', 'failed', 'cancelled'] as const;
export const deliveryStatusSchema = z.enum(DELIVERY_STATUSES);

/** `overdue`: was awaited for as long as the service's `responseTimeout` says; it still counts when it comes. */
export const REPLY_STATUSES = ['awaited', 'overdue', 'received', 'applied', 'refused'] as const;

export const deliverySchema = z.object({
  id: z.string(),
  status: deliveryStatusSchema,
  /** Absent when it is about something else. */
  process: z.string().optional(),
  /** One of the two. */
  service: z.string().optional(),
  webhook: z.string().optional(),
  /** Type of the event it carries; absent for notifications. */
  event: z.string().optional(),
  /** Id of the event or of the notification it carries. */
  cause: z.string(),
  attempts: z.number().int(),
  /** ISO 8601, as all times here. */
  created: z.string(),
  settled: z.string().optional(),
  reply: z.object({ status: z.enum(REPLY_STATUSES), reason: z.string().optional() }).optional(),
});
export type Delivery = z.infer<typeof deliverySchema>;

export const attemptSchema = z.object({
  number: z.number().int(),
  started: z.string(),
  durationMs: z.number().int(),
  /** HTTP status, where there was one. */
  status: z.number().int().optional(),
  error: z.string().optional(),
  /** First characters of the answer. */
  answer: z.string().optional(),
});

const filter = {
  status: deliveryStatusSchema.optional(),
  service: z.string().max(200).optional(),
  webhook: z.string().max(200).optional(),
  process: z.string().max(200).optional(),
  /** Created at this time or later, and before that one. */
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
};
export const deliveryFilterSchema = z.object(filter);
export type DeliveryFilter = z.infer<typeof deliveryFilterSchema>;

/** What was and is to be sent, the newest first. */
export const listDeliveries = defineRequest({
  type: 'delivery.list.v1',
  service: 'notifier',
  body: z.object({
    ...filter,
    limit: z.number().int().min(1).max(200).default(50),
    cursor: z.string().max(200).optional(),
  }),
  answer: z.object({ deliveries: z.array(deliverySchema), next: z.string().optional() }),
});

/** One delivery with every attempt. Its body is shown to who may read the process or, where it is about none, the webhooks. */
export const getDelivery = defineRequest({
  type: 'delivery.get.v1',
  service: 'notifier',
  body: z.object({ id: z.string().max(200) }),
  answer: deliverySchema.extend({ log: z.array(attemptSchema), body: z.string().optional() }),
});

/** Sends a settled delivery again under the same id, or hands in its refused reply again. */
export const retryDelivery = defineRequest({
  type: 'delivery.retry.v1',
  service: 'notifier',
  body: z.object({ id: z.string().max(200) }),
  answer: deliverySchema,
});

/** Most deliveries one bulk retry looks at. */
export const MOST_RETRIED = 1_000;

/** {@link retryDelivery} for all that match, the oldest first. `more` says that there were too many for one call. */
export const retryDeliveries = defineRequest({
  type: 'delivery.retry-many.v1',
  service: 'notifier',
  body: deliveryFilterSchema,
  answer: z.object({
    taken: z.number().int(),
    skipped: z.array(z.object({ reason: z.string(), count: z.number().int() })),
    more: z.boolean(),
  }),
});
