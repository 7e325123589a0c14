import type { Logger } from '@handover/runtime';

/** What happened to credentials. None of these lines holds a token. */
export type AuditEvent = 'apikey.issued' | 'apikey.revoked' | 'token.refused' | 'apikey.bootstrapped';

/** Writes an audit event: a log line with the member `audit`, the time, and the ids of the request it belongs to. */
export function audit(log: Logger, event: AuditEvent, facts: Readonly<Record<string, unknown>>): void {
  const level = event === 'token.refused' ? 'warn' : 'info';
  log[level]({ audit: event, ...facts }, event);
}
