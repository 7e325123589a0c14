import { normalize, scenarioId } from '@handover/scenario';

import { attempt } from '../attempt.js';
import { diff, type Difference } from '../diff.js';

/** A scenario or schema, to be normalised `times` over. */
export interface NormalizeVector {
  readonly input: unknown;
  readonly default_schema?: string;
  readonly times?: number;
  readonly normalized?: unknown;
  readonly scenario_id?: string;
  readonly error?: string;
}

export function runNormalize(vector: NormalizeVector): Difference[] {
  const { input, default_schema, times = 1, normalized, scenario_id, error } = vector;
  const outcome = attempt(() => {
    let document = input;
    for (let i = 0; i < times; i++) document = normalize(document, default_schema);
    return document as Identified;
  });
  if ('error' in outcome) return diff('error', error, outcome.error.message);
  if (error !== undefined) return diff('normalized', `Error: ${error}`, outcome.value);
  return [
    ...diff('normalized', normalized, outcome.value),
    ...(scenario_id === undefined ? [] : diff('scenario_id', scenario_id, idOf(outcome.value))),
  ];
}

interface Identified {
  readonly $schema: string;
  readonly id?: string;
}

/** A document that brings an id has that one. */
const idOf = (document: Identified): string => document.id ?? scenarioId(document);
