import { Budget } from '../budget.js';
import { DEFAULT_LIMITS, type Limits } from '../limits.js';
import { compilePattern } from './pattern.js';

/** What AJV asks of the engine behind `pattern` and `patternProperties`: its option `code.regExp`. */
export interface RegExpEngine {
  (source: string, flags: string): { test(text: string): boolean };
  /** What stands for the engine in code AJV writes to a file; we write none. */
  readonly code: string;
}

/**
 * Gives AJV patterns that no text can hang. Each `test` has a budget of its own.
 *
 * @returns An engine that throws PatternError or LimitExceeded as {@link compilePattern} does, while schemas compile;
 * and LimitExceeded where a text takes too much work.
 */
export function regExpEngine(limits: Limits = DEFAULT_LIMITS): RegExpEngine {
  const engine = (source: string, flags: string) => {
    const pattern = compilePattern(source, flags, limits);
    // AJV tells patterns apart by their text.
    return { test: (text: string) => pattern.test(text, new Budget(limits)), toString: () => `/${source}/${flags}` };
  };
  return Object.assign(engine, { code: 'regExpEngine' });
}
