import type { CompiledValue } from '../functions/index.js';
import type { Transition } from '../normalize/index.js';
import { mayFail, type ValueCompiler } from './functions.js';

export interface CompiledTransition {
  /** Position in the state's list. */
  readonly index: number;
  /** The action that takes it; null: taken on entry; undefined: a timeout. */
  readonly on: string | null | undefined;
  /** Actor references; empty for a timeout. */
  readonly by: readonly string[];
  /** Seconds in the state before it is taken; undefined unless it is a timeout. */
  readonly after: number | undefined;
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
  return {
    index,
    on: after === undefined ? (on ?? null) : undefined,
    by: by ?? [],
    after,
    content: values.compile(mayFail(log, values.compile(log)) ? transition : rest),
    log: { condition: values.compile(condition), entry: values.compile(entry) },
  };
}
