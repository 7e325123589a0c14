import type { HandoverEvent } from '@handover/contracts';

/**
 * The body a receiver gets, as text: `{type, timestamp, data}` (Standard Webhooks, "Payload structure"). `timestamp` is the
 * event's; `data` holds the event's facts beside `event`, `tenant` and `subject`, the ids the facts belong to.
 */
export function messageBody(event: HandoverEvent): string {
  const data = { event: event.id, tenant: event.tenantid, subject: event.subject, ...event.data };
  return JSON.stringify({ type: event.type, timestamp: event.time, data });
}
