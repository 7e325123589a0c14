import { CASE_STATUS_CHANGED, caseStatusChange, type HandoverEvent } from '@handover/contracts';

/** Something to tell receivers. */
export interface Message {
  /** What they ask for it by. */
  readonly type: string;
  /** The same for the same event, however often it comes. */
  readonly cause: string;
  readonly body: string;
}

/** All that an event tells: itself, and the status of a workflow that was run for a case (case-workflows.md). */
export function messagesOf(event: HandoverEvent): Message[] {
  const change = caseStatusChange(event);
  const told = { type: event.type, cause: event.id, body: messageBody(event) };
  if (!change) return [told];
  const cause = `${event.id}:${CASE_STATUS_CHANGED}`;
  return [told, { type: CASE_STATUS_CHANGED, cause, body: JSON.stringify(change) }];
}

/**
 * The body a receiver gets, as text: `{type, timestamp, data}` (Standard Webhooks, "Payload structure"). `timestamp` is the
 * event's; `data` holds the event's facts beside `event`, `tenant` and `subject`, the ids the facts belong to.
 */
export function messageBody(event: HandoverEvent): string {
  const data = { event: event.id, tenant: event.tenantid, subject: event.subject, ...event.data };
  return JSON.stringify({ type: event.type, timestamp: event.time, data });
}
