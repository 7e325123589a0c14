import { BusError } from '@handover/bus';
import { HandoverError } from '@handover/contracts';
import { isConnectionFailure } from '@handover/database';

/** How often a command is tried: with a backoff of 100 ms to 30 s, for about two minutes. */
export const MOST_ATTEMPTS = 12;

const PASSING = new Set(['unavailable', 'timeout', 'version_conflict', 'idempotency_in_flight']);

/** Whether a failure goes by itself: the same command may succeed later. */
export function passes(error: unknown): boolean {
  if (error instanceof HandoverError) return PASSING.has(error.code);
  return isConnectionFailure(error) || (error instanceof BusError && error.retryable);
}

/** How long to wait before a command is tried again, in milliseconds. @param attempts made so far */
export const backoffMs = (attempts: number): number => Math.min(100 * 2 ** (attempts - 1), 30_000);
