import type { ErrorCode, FieldError, Problem, Retry } from '@handover/contracts';
import { problemIn } from './dialects.js';
import { RETRY } from './operations.js';

/** An answer that is not JSON as this API speaks it, such as one of a proxy's. */
export type ProblemCode = ErrorCode | 'unknown';

/**
 * A request that was answered with a problem, in whichever dialect the API has: what went wrong, by its stable code, and whether the same request may
 * succeed later.
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  /** HTTP status. */
  readonly status: number;
  readonly retry: Retry;
  /** Seconds after which a retry makes sense. */
  readonly retryAfter: number | undefined;
  /** What is wrong with the body or the query, field by field. */
  readonly errors: readonly FieldError[];
  /** Why a process refused an action, in the words of the language. */
  readonly reasons: readonly string[];
  /** Finds the request in the platform's logs. */
  readonly requestId: string | undefined;

  constructor(problem: Partial<Problem> & { readonly status: number }) {
    super(problem.detail ?? problem.title ?? `The answer has the status ${problem.status}`);
    this.code = problem.code ?? 'unknown';
    this.status = problem.status;
    this.retry =
      (RETRY as Partial<Record<string, Retry>>)[this.code] ?? (problem.code ? 'never' : retryOf(problem.status));
    this.retryAfter = problem.retryAfter;
    this.errors = problem.errors ?? [];
    this.reasons = problem.error?.reason ?? [];
    this.requestId = problem.requestId;
  }
}

/** Of an answer without a code: what stands before the platform is away, or guards it. */
function retryOf(status: number): Retry {
  if (status === 429 || status === 503) return 'retry-after';
  return status >= 500 ? 'retry' : 'never';
}

/** @returns the problem an answer tells of. Reads its body. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const text = await response.text();
  const { status } = response;
  const wait = secondsOf(response.headers.get('Retry-After'));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const known = problemIn(body, status);
  return new ProblemError({ ...known, ...(wait !== undefined && { retryAfter: wait }), status });
}

/** A Retry-After header in seconds from now (RFC 9110 §10.2.3). */
function secondsOf(header: string | null): number | undefined {
  if (header === null || header === '') return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1_000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
