import type { Schedule } from './schedule.js';

/** What came of one attempt. */
export interface AttemptResult {
  readonly startedAt: Date;
  readonly durationMs: number;
  /** HTTP status; null when no answer came, or none of HTTP. */
  readonly status: number | null;
  /** Why it does not count as delivered; null when it does. */
  readonly error: string | null;
  /** First characters of the answer's body. */
  readonly answer: string | null;
  /** How long the receiver asks us to wait. */
  readonly retryAfterMs?: number | undefined;
  /** The same message again cannot succeed. */
  readonly permanent?: boolean;
  /** What the service answered; absent when it gave no answer. */
  readonly reply?: { readonly value: unknown };
  /** The service will answer by another way, within this time. */
  readonly replyWithinMs?: number;
}

/** What happens next to a delivery. */
export type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'failed' }
  /** And to every other of its target: nobody takes them any more. */
  | { readonly kind: 'gone'; readonly reason: string };

/** A receiver may postpone the next attempt by this much, and not park it for ever. */
const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * Judges the latest attempt (Standard Webhooks, "Delivery"): 2xx is delivered, 410 means never again, anything else is
 * tried again by the schedule, unless the attempt says that this cannot help. `Retry-After` can make the wait longer, never shorter.
 * @param attempt number of the attempt judged, from 1
 */
export function judge(result: AttemptResult, attempt: number, schedule: Schedule): Verdict {
  if (result.error === null) return { kind: 'delivered' };
  if (result.status === 410) return { kind: 'gone', reason: 'the receiver answered 410 Gone' };
  const delay = schedule[attempt];
  if (delay === undefined || result.permanent === true) return { kind: 'failed' };
  return { kind: 'retry', delayMs: Math.max(delay, Math.min(result.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS)) };
}
