import { compileExpression } from '@handover/scenario';

import { attempt } from '../attempt.js';
import { diff, type Difference } from '../diff.js';

/** Expressions over the data `given`. Whether one fails counts, its message does not. */
export interface JmespathVector {
  readonly given: unknown;
  readonly cases: readonly { readonly expression: string; readonly result?: unknown; readonly error?: true }[];
}

export function runJmespath({ given, cases }: JmespathVector): Difference[] {
  return cases.flatMap(({ expression, result, error }) => {
    const outcome = attempt(() => compileExpression(expression).evaluate(given));
    if ('error' in outcome) return error ? [] : diff(expression, result, `Error: ${outcome.error.message}`);
    return error ? diff(expression, 'an error', outcome.value) : diff(expression, result, outcome.value ?? null);
  });
}
