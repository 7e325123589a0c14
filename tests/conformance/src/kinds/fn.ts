import { evaluateFunctions } from '@handover/scenario';

import { attempt } from '../attempt.js';
import { diff, type Difference } from '../diff.js';

/** Values with data functions in them, evaluated over `data`. */
export interface FnVector {
  readonly data: unknown;
  readonly cases: readonly {
    readonly subject: unknown;
    readonly expect?: unknown;
    readonly undefined?: true;
    readonly error?: string;
  }[];
}

export function runFn({ data, cases }: FnVector): Difference[] {
  return cases.flatMap(({ subject, expect, error }) => {
    const path = JSON.stringify(subject);
    const outcome = attempt(() => evaluateFunctions(subject, data));
    if ('error' in outcome) return diff(path, error ?? expect, outcome.error.message);
    return error === undefined ? diff(path, expect, outcome.value) : diff(path, `Error: ${error}`, outcome.value);
  });
}
