import { z } from 'zod';
import { defineRequest } from '../request.js';

/** The queue on which the engine hands notifications to the notifier; nobody else may have them. */
export const NOTIFICATIONS_QUEUE = 'notifier.notifications';

/** Type of the messages on {@link NOTIFICATIONS_QUEUE}. */
export const NOTIFICATION_TYPE = 'service.notify.v1';

/** The service a scenario calls the platform itself by. The engine serves it; the notifier never hears of it. */
export const ENGINE_SERVICE = 'engine';

/** Something a service is to be told about a process: the entry of a state asked for it (process-semantics §10). */
export const notificationSchema = z.object({
  /** Names the delivery; the same however often the message is sent. */
  id: z.string().min(1).max(200),
  tenant: z.string().min(1),
  process: z.string(),
  /** Version of the process the message speaks of. */
  etag: z.string(),
  /** The state that was entered, and when (ISO 8601): together they name this entry, another visit has another time. */
  state: z.string(),
  entered: z.string(),
  service: z.string().min(1),
  scenario: z.object({
    id: z.string(),
    name: z.string().optional(),
    version: z.string().optional(),
    title: z.string(),
  }),
  /** The scenario's own message, or `{process, etag, actions, instructions}` (decision 11). */
  message: z.unknown(),
  /** W3C trace context of what caused it. */
  traceparent: z.string().optional(),
});
export type Notification = z.infer<typeof notificationSchema>;

/** A notification as it travels, with the right to answer it. */
export const sentNotificationSchema = notificationSchema.extend({
  /** Signed by the engine, for the engine: lets its bearer answer this notification as this service, and nothing else. */
  capability: z.string().min(1),
});
export type SentNotification = z.infer<typeof sentNotificationSchema>;

/**
 * Hands in what a service replied to a notification. It is a step of `service:<name>` with the action that the scenario's
 * trigger finds in it. Authorised by the notification's capability alone, and only while the process is in the entry of the
 * state that was notified; `step_refused` with the reasons otherwise.
 */
export const replyToNotification = defineRequest({
  type: 'notification.reply.v1',
  service: 'engine',
  body: z.object({ capability: z.string().min(1).max(4_096), response: z.unknown() }),
  answer: z.object({ etag: z.string(), action: z.string() }),
});

/** Tells the services of the current state again, all or some of them. A new delivery each; delays are not waited for. */
export const retryNotifications = defineRequest({
  type: 'process.retry.v1',
  service: 'engine',
  body: z.object({
    process: z.string(),
    /** Names of services, without `service:`; absent: all that the state notifies. */
    services: z.array(z.string().min(1).max(200)).min(1).max(100).optional(),
  }),
  answer: z.object({
    notified: z.array(z.object({ service: z.string(), delivery: z.string() })),
    /** Services that were asked for and are not notified by the current state. */
    skipped: z.array(z.object({ service: z.string(), reason: z.string() })),
  }),
});
