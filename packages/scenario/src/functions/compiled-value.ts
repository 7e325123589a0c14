import type { DataFunctionError } from './error.js';

/** Data with data functions in it, parsed once, to be evaluated many times. Immutable: share it freely. */
export interface CompiledValue {
  /** No data function inside: evaluating gives the very same value each time, not a copy. */
  readonly constant: boolean;
  /** Members of the root document any function inside may read; `*` among them when it may read all of it. */
  readonly reads: ReadonlySet<string>;
  /**
   * What evaluation fails at wherever it gets there: expressions and templates that cannot be parsed, unknown
   * functions, undefined variables. Empty for a sound value.
   */
  readonly problems: readonly DataFunctionError[];
  /**
   * Evaluates every data function inside. Parts without one are shared with the compiled value, results may share parts
   * with the data: treat them as frozen.
   *
   * @param data The document the functions see: a process.
   * @returns The value with every function replaced by its result; undefined for a function that yields nothing.
   * Members that come to undefined are left out.
   * @throws {DataFunctionError} when a function fails or goes beyond a limit.
   */
  evaluate(data: unknown): unknown;
}

const NOTHING: ReadonlySet<string> = new Set();

/** @returns A value that is what it is. */
export function constant(value: unknown): CompiledValue {
  return { constant: true, reads: NOTHING, problems: [], evaluate: () => value };
}

/** @returns A value made of parts: it reads what they read, and has their problems. */
export function composed(
  parts: readonly CompiledValue[],
  evaluate: (data: unknown) => unknown,
  reads: Iterable<string> = [],
): CompiledValue {
  return {
    constant: false,
    reads: new Set([...parts.flatMap((part) => [...part.reads]), ...reads]),
    problems: parts.flatMap((part) => part.problems),
    evaluate,
  };
}

/** @returns A function that always fails, because it cannot be parsed. */
export function failing(error: DataFunctionError): CompiledValue {
  const evaluate = (): never => {
    throw error;
  };
  return { constant: false, reads: NOTHING, problems: [error], evaluate };
}
