import { DataFunctionError, LimitExceeded, SchemaError, UpdatePathError } from '@handover/scenario';

/** Why an operation on a process could not be carried out at all, as opposed to being refused and recorded. */
export type ProcessErrorCode =
  /** An expression, template or select of the scenario failed. */
  | 'expression-failed'
  /** An update instruction names a path that may not be set, or one that reaches an object's prototype. */
  | 'path-not-allowed'
  /** The scenario leads to a state, action or actor it does not declare. */
  | 'not-in-scenario'
  /** A schema of the scenario is malformed or refers to one that is not registered. */
  | 'schema-invalid'
  /** A bound of the language was crossed. */
  | 'limit-exceeded'
  /** An update or an argument has a value that cannot be there. */
  | 'invalid-value'
  /** Automatic transitions lead in a circle. */
  | 'endless-transitions'
  /** A prediction found more states than were asked for. */
  | 'endless-prediction'
  /** The scenario's expressions read the past, and the process was loaded without it. */
  | 'history-required'
  /** Recorded events do not follow from each other, or not from the scenario. */
  | 'replay-failed'
  /** An event's content does not match its hash. */
  | 'event-altered';

/**
 * An operation that could not be carried out; the process stays as it was. The message is the reference's where the
 * reference throws (process-semantics §3.4), and fit for the author of the scenario or the caller.
 */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';
  readonly code: ProcessErrorCode;

  constructor(code: ProcessErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Runs an operation so that whatever the language throws comes out as a {@link ProcessError}. */
export function guarded<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    throw new ProcessError(code, error.message, { cause: error });
  }
}

function codeOf(error: unknown): ProcessErrorCode | undefined {
  if (error instanceof DataFunctionError) {
    return error.cause instanceof LimitExceeded ? 'limit-exceeded' : 'expression-failed';
  }
  if (error instanceof LimitExceeded) return 'limit-exceeded';
  if (error instanceof UpdatePathError) return 'path-not-allowed';
  return error instanceof SchemaError ? 'schema-invalid' : undefined;
}
