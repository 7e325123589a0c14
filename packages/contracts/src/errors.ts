import { z } from 'zod';

/** Whether the same call, sent again, may succeed: never, at any time, or after a while. */
export type Retry = 'never' | 'retry' | 'retry-after';

interface CatalogueEntry {
  readonly status: number;
  readonly title: string;
  readonly retry: Retry;
}

/**
 * Every error a caller can meet, once. The code is stable and part of the API; the status is its HTTP form; the title is
 * the same for every occurrence (RFC 9457), the detail says what went wrong this time.
 */
export const ERRORS = {
  malformed_body: { status: 400, title: 'The body cannot be read', retry: 'never' },
  invalid_request: { status: 400, title: 'The request is not valid', retry: 'never' },
  invalid_scenario: { status: 400, title: 'The scenario is not valid', retry: 'never' },
  invalid_schema: { status: 400, title: 'The schema is not valid', retry: 'never' },
  unknown_scenario: { status: 400, title: 'The scenario named in the request does not exist', retry: 'never' },
  scenario_disabled: { status: 400, title: 'The scenario is disabled', retry: 'never' },
  step_refused: { status: 400, title: 'The process refused the action', retry: 'never' },
  evaluation_failed: { status: 400, title: 'An expression of the scenario cannot be evaluated', retry: 'never' },
  unauthenticated: { status: 401, title: 'A valid bearer token is required', retry: 'never' },
  forbidden: { status: 403, title: 'The caller may not do this', retry: 'never' },
  not_found: { status: 404, title: 'There is nothing at this address', retry: 'never' },
  scenario_not_found: { status: 404, title: 'The scenario does not exist', retry: 'never' },
  schema_not_found: { status: 404, title: 'The schema does not exist', retry: 'never' },
  process_not_found: { status: 404, title: 'The process does not exist', retry: 'never' },
  event_not_found: { status: 404, title: 'The process has no such event', retry: 'never' },
  incident_not_found: { status: 404, title: 'There is no such open incident', retry: 'never' },
  command_not_found: { status: 404, title: 'The command does not exist', retry: 'never' },
  migration_not_found: { status: 404, title: 'The migration does not exist', retry: 'never' },
  api_key_not_found: { status: 404, title: 'The API key does not exist', retry: 'never' },
  service_not_found: { status: 404, title: 'The service does not exist', retry: 'never' },
  delivery_not_found: { status: 404, title: 'The delivery does not exist', retry: 'never' },
  delivery_not_retryable: { status: 409, title: 'The delivery cannot be sent again now', retry: 'never' },
  webhook_not_found: { status: 404, title: 'The webhook does not exist', retry: 'never' },
  read_only: { status: 403, title: 'Scenarios cannot be changed here', retry: 'never' },
  demo_accounts_disabled: { status: 403, title: 'Demo accounts are disabled', retry: 'never' },
  method_not_allowed: { status: 405, title: 'The address does not support this method', retry: 'never' },
  state_conflict: { status: 409, title: 'What is there does not allow this now', retry: 'never' },
  scenario_conflict: { status: 409, title: 'Another scenario has this id', retry: 'never' },
  schema_conflict: { status: 409, title: 'A schema of this id cannot be kept here', retry: 'never' },
  idempotency_in_flight: { status: 409, title: 'The same command is being carried out', retry: 'retry-after' },
  diagram_too_large: { status: 422, title: 'The scenario is too large for a diagram', retry: 'never' },
  idempotency_mismatch: { status: 422, title: 'The idempotency key belongs to another command', retry: 'never' },
  version_conflict: { status: 409, title: 'The process was changed at the same time', retry: 'retry' },
  precondition_failed: { status: 412, title: 'The process is not in the version asked for', retry: 'never' },
  body_too_large: { status: 413, title: 'The body is too large', retry: 'never' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported', retry: 'never' },
  unknown_message: { status: 400, title: 'The message is of no known type', retry: 'never' },
  rate_limited: { status: 429, title: 'Too many requests', retry: 'retry-after' },
  internal: { status: 500, title: 'Something went wrong on our side', retry: 'retry' },
  unavailable: { status: 503, title: 'A part of the platform does not answer', retry: 'retry-after' },
  timeout: { status: 504, title: 'The answer did not arrive in time', retry: 'retry' },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof ERRORS;

export const errorCodeSchema = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

/** The part of a request that a pointer leads into; absent: the body, or the document in it. */
export const requestPartSchema = z.enum(['body', 'query', 'path', 'header']);
export type RequestPart = z.infer<typeof requestPartSchema>;

/** One thing that is wrong with a request: where (JSON pointer; empty for the whole) and what. */
export const fieldErrorSchema = z.object({
  pointer: z.string(),
  detail: z.string(),
  in: requestPartSchema.optional(),
});
export type FieldError = z.infer<typeof fieldErrorSchema>;

/**
 * RFC 9457 problem with a stable `code`, and beside it the members of the LetsFlow API
 * (`error.message`, `error.reason`; engine-service §1).
 */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: errorCodeSchema,
    detail: z.string(),
    requestId: z.string().optional(),
    errors: z.array(fieldErrorSchema).optional(),
    /** Seconds after which a retry makes sense. */
    retryAfter: z.number().optional(),
    error: z.object({ message: z.string(), reason: z.array(z.string()).optional() }),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;

export interface ErrorDetails {
  /** Fields that are wrong, all of them. */
  readonly errors?: readonly FieldError[];
  /** Reasons in the words of the language (`step_refused`). */
  readonly reasons?: readonly string[];
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number;
  /** What caused it; logged, never shown. */
  readonly cause?: unknown;
}

/** The one error services throw on purpose: a code of the catalogue, and words that may be shown to the caller. */
export class HandoverError extends Error {
  override readonly name = 'HandoverError';
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[] | undefined;
  readonly reasons: readonly string[] | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, detail: string, details: ErrorDetails = {}) {
    super(detail, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.errors = details.errors;
    this.reasons = details.reasons;
    this.retryAfter = details.retryAfter;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get retry(): Retry {
    return ERRORS[this.code].retry;
  }
}

/** The wire form of an error. Anything but a {@link HandoverError} becomes an `internal` that reveals nothing. */
export function toProblem(error: unknown, requestId?: string): Problem {
  const known = error instanceof HandoverError ? error : new HandoverError('internal', ERRORS.internal.title);
  const entry = ERRORS[known.code];
  return {
    type: `urn:handover:error:${known.code}`,
    title: entry.title,
    status: entry.status,
    code: known.code,
    detail: known.message,
    ...(requestId !== undefined && { requestId }),
    ...(known.errors && { errors: [...known.errors] }),
    ...(known.retryAfter !== undefined && { retryAfter: known.retryAfter }),
    error: { message: known.message, ...(known.reasons && { reason: [...known.reasons] }) },
  };
}

/** The error a problem stands for, as thrown on the asking side. */
export function fromProblem(problem: Problem): HandoverError {
  return new HandoverError(problem.code, problem.detail, {
    ...(problem.errors && { errors: problem.errors }),
    ...(problem.error.reason && { reasons: problem.error.reason }),
    ...(problem.retryAfter !== undefined && { retryAfter: problem.retryAfter }),
  });
}
