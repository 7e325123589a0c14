import type { CompiledValue } from '../functions/index.js';
import { isAbsoluteTimeout, isTimeoutTransition, type Transition } from '../normalize/index.js';
import { mayFail, type ValueCompiler } from './functions.js';

export interface CompiledTransition {
  /** Position in the state's list. */
  readonly index: number;
  /** The action that takes it; null: taken on entry; undefined: a timeout. */
  readonly on: string | null | undefined;
  /** Actor references; empty for a timeout. */
  readonly by: readonly string[];
  /** Seconds in the state before it is taken; undefined unless it is a timeout of that kind. */
  readonly after: number | undefined;
  /** It is taken at the time that is `at` in its content. */
  readonly isAbsolute: boolean;
  /**
   * The transition as an object with at least `if` and `goto`. Without its log, unless that may fail: the reference
   * evaluates the whole transition, and so a failing log shows here already.
   */
  readonly content: CompiledValue;
  readonly log: {
    /** Whether an entry is written. */
    readonly condition: CompiledValue;
    /** The entry, as an object. */
    readonly entry: CompiledValue;
  };
}

export function compileTransition(transition: Transition, index: number, values: ValueCompiler): CompiledTransition {
  const { log, ...rest } = transition;
  const { if: condition, ...entry } = log;
  const { on, by, after } = transition as { on?: string | null; by?: string[]; after?: number };
  const isAbsolute = isTimeoutTransition(transition) && isAbsoluteTimeout(transition);
  return {
    index,
    on: after === undefined && !isAbsolute ? (on ?? null) : undefined,
    by: by ?? [],
    after,
    isAbsolute,
    content: values.compile(mayFail(log, values.compile(log)) ? transition : rest),
    log: { condition: values.compile(condition), entry: values.compile(entry) },
  };
}
