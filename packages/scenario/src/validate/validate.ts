import { DEFAULT_LIMITS, LimitExceeded, type Limits } from '../limits.js';
import { NormalizeError, SCENARIO_SCHEMA } from '../normalize/index.js';
import { isObject } from '../normalize/json.js';
import type { SchemaRegistry } from '../schema/index.js';
import { assertSafeDocument, UnsafeKeyError } from '../yaml/index.js';
import { finding, type Finding } from './finding.js';
import { referenceErrors } from './references.js';
import { structureErrors } from './structure.js';
import { subSchemaErrors } from './sub-schemas.js';

export interface ValidateOptions {
  /** Where the schemas that actions, states and messages name are looked up; without it they are not looked at. */
  readonly schemas?: SchemaRegistry;
  readonly limits?: Limits;
}

export interface ValidationResult {
  readonly valid: boolean;
  /** Everything that is wrong; empty when valid. */
  readonly errors: readonly Finding[];
}

/**
 * Whether a document is a scenario, by the rules of the language (scenario-language §8). Takes anything and never throws.
 * @param document the scenario as the author wrote it, parsed; a normalised scenario will do as well.
 */
export function validateScenario(document: unknown, options: ValidateOptions = {}): ValidationResult {
  const { limits = DEFAULT_LIMITS } = options;
  const unsafe = safetyErrors(document, limits);
  const errors = unsafe.length > 0 ? unsafe : guarded(() => [...errorsOf(document, options)]);
  return { valid: errors.length === 0, errors };
}

function* errorsOf(document: unknown, { schemas, limits = DEFAULT_LIMITS }: ValidateOptions): Generator<Finding> {
  yield* structureErrors(document);
  if (!isObject(document)) return;
  const { $schema = SCENARIO_SCHEMA } = document;
  if (typeof $schema === 'string' && $schema !== SCENARIO_SCHEMA) {
    yield finding('/$schema', `must be ${SCENARIO_SCHEMA}`, { value: $schema });
  }
  yield* referenceErrors(document);
  if (schemas) yield* subSchemaErrors(document, schemas, limits);
}

/** @returns why nothing may walk the document; empty when it may. */
export function safetyErrors(document: unknown, limits: Limits): Finding[] {
  return guarded(() => {
    assertSafeDocument(document, limits);
    return [];
  });
}

/** Runs checks that may meet something they cannot look at, which is a finding too. */
export function guarded(check: () => Finding[]): Finding[] {
  try {
    return check();
  } catch (error) {
    if (error instanceof UnsafeKeyError) return [finding(error.path, 'is a key that is not allowed')];
    if (error instanceof LimitExceeded) return [finding('', error.message, { limit: error.limit })];
    if (error instanceof NormalizeError) return [finding('', error.message)];
    throw error;
  }
}
