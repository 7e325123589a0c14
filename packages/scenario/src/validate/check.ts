import { DEFAULT_LIMITS, type Limits } from '../limits.js';
import { normalizeScenario, type NormalizedScenario } from '../normalize/index.js';
import { isObject } from '../normalize/json.js';
import { emptyRegistry } from '../schema/index.js';
import { automaticRings } from './automatic.js';
import { expressionErrors } from './expressions.js';
import type { Finding } from './finding.js';
import { unknownSubSchemas } from './sub-schemas.js';
import { suspicions } from './suspicions.js';
import { ineffectiveKeywords, unusableSchemas } from './usable-schemas.js';
import { updateErrors } from './updates.js';
import { guarded, safetyErrors, validateScenario, type ValidateOptions } from './validate.js';

export interface CheckResult {
  /** Whether the scenario may be stored and run. */
  readonly valid: boolean;
  /** What is wrong: everything {@link validateScenario} finds, and what would make a process fail. */
  readonly errors: readonly Finding[];
  /** What has no effect or will probably not do what the author means. */
  readonly warnings: readonly Finding[];
}

/**
 * Whether a scenario can be stored: it is valid, and nothing in it that can be known beforehand would fail when a process
 * runs (decisions 6 and 7): expressions and templates that do not parse, updates of what must not be updated, schemas
 * that cannot be compiled, automatic transitions that go round in a ring. Takes anything and never throws.
 *
 * Without `schemas` in the options, references to schemas outside the scenario are warnings.
 */
export function checkScenario(document: unknown, options: ValidateOptions = {}): CheckResult {
  const { limits = DEFAULT_LIMITS } = options;
  const { errors } = validateScenario(document, options);
  if (!isObject(document) || safetyErrors(document, limits).length > 0) return { valid: false, errors, warnings: [] };
  const failing = guarded(() => [...expressionErrors(document, limits), ...updateErrors(document)]);
  const behaviour = errors.length === 0 ? behaviourOf(document, options, limits) : NOTHING;
  const all = [...errors, ...failing, ...behaviour.errors];
  return { valid: all.length === 0, errors: all, warnings: behaviour.warnings };
}

type Behaviour = Pick<CheckResult, 'errors' | 'warnings'>;

const NOTHING: Behaviour = { errors: [], warnings: [] };

/** What shows only once everything is written out, which a valid document can be. */
function behaviourOf(document: Record<string, unknown>, { schemas }: ValidateOptions, limits: Limits): Behaviour {
  const scenario = normalized(document, limits);
  if (Array.isArray(scenario)) return { errors: scenario, warnings: [] };
  const registry = schemas ?? emptyRegistry;
  const rings = automaticRings(scenario);
  const { broken, unresolved } = unusableSchemas(scenario, registry, limits);
  const unknown = [...unresolved, ...unknownSubSchemas(document, registry)];
  return {
    errors: [...rings.certain, ...broken, ...(schemas ? unknown : [])],
    warnings: [
      ...rings.possible,
      ...(schemas ? [] : unknown),
      ...ineffectiveKeywords(scenario),
      ...suspicions(document),
    ],
  };
}

/** @returns the normal form, or why there is none: an end state may have all kinds of properties, a broken `goto` too. */
function normalized(document: Record<string, unknown>, limits: Limits): NormalizedScenario | Finding[] {
  let scenario: NormalizedScenario | undefined;
  const errors = guarded(() => {
    scenario = normalizeScenario(document, limits);
    return [];
  });
  return scenario ?? errors;
}
