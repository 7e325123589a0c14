import { DEFAULT_LIMITS, type Limits } from '../limits.js';
import type { JsonSchema } from '../schema/index.js';
import { assertSafeDocument } from '../yaml/index.js';
import { NormalizeError, objectOrEmpty } from './error.js';
import { copyJson, isObject } from './json.js';
import type { NormalizedScenario } from './normalized.js';
import { normalizeScenarioObject } from './scenario.js';
import { normalizeSchema } from './simplified-schema.js';

/** What a document says it is by its `$schema`. */
export const SCENARIO_SCHEMA = 'https://schemas.letsflow.io/v1.0/scenario';
export const SIMPLIFIED_SCHEMA = 'https://schemas.letsflow.io/v1.0/schema';
export const JSON_SCHEMA = 'https://json-schema.org/draft/2020-12/schema';

/**
 * Writes out everything a scenario leaves to defaults, shorthand and implication (scenario-language §5).
 *
 * Normalising a normalised scenario changes nothing. The input is not changed, and shares nothing with the result.
 * The document should be valid ({@link validateScenario}); what is malformed is refused or carried along.
 *
 * @param document the scenario as parsed from YAML or JSON.
 * @returns the normal form: what ids are computed from and processes run on.
 * @throws NormalizeError when the document is no scenario, a state says where to go but not when, or a time period
 *   makes no sense.
 * @throws UnsafeKeyError, LimitExceeded when the document has a key such as `__proto__`, is nested too deeply, or
 *   grows too large.
 */
export function normalizeScenario(document: unknown, limits: Limits = DEFAULT_LIMITS): NormalizedScenario {
  const scenario = copyOf(document, limits);
  const $schema = scenario.$schema ?? SCENARIO_SCHEMA;
  if ($schema !== SCENARIO_SCHEMA) throw unsupported($schema);
  const normalized = normalizeScenarioObject({ ...scenario, $schema }, limits);
  return isNormalForm(scenario, normalized) ? (scenario as NormalizedScenario) : normalized;
}

/**
 * Whether a document was in normal form already. The normal form is silent on two points, which were decided when it was
 * made and must stay: a null trigger was found to have no action, and an unsealed object was written as shorthand, or
 * merged from the wildcard state. So a document that would change in nothing else does not change.
 */
function isNormalForm(document: unknown, normalized: unknown): boolean {
  if (Array.isArray(document) && Array.isArray(normalized)) {
    return document.length === normalized.length && document.every((item, i) => isNormalForm(item, normalized[i]));
  }
  if (!isObject(document) || !isObject(normalized)) return document === normalized;
  if (!Object.keys(document).every((key) => Object.hasOwn(normalized, key))) return false;
  return Object.entries(normalized).every(([key, value]) => {
    if (Object.hasOwn(document, key)) return isNormalForm(document[key], value) || isNullTrigger(key, document[key]);
    return key === 'additionalProperties' && value === false && document.type === 'object';
  });
}

/**
 * Normalises whatever a document says it is by its `$schema`: a scenario, a schema in the simplified notation, or a
 * JSON Schema, which stays as it is (scenario-language §4.4).
 *
 * @param defaultSchema what the document is when it does not say.
 * @throws NormalizeError `Unsupported schema: …`, and as {@link normalizeScenario} does.
 */
export function normalize(
  document: unknown,
  defaultSchema: string = SCENARIO_SCHEMA,
  limits: Limits = DEFAULT_LIMITS,
): NormalizedScenario | JsonSchema {
  const $schema = isObject(document) ? (document.$schema ?? defaultSchema) : defaultSchema;
  if ($schema === SCENARIO_SCHEMA) return normalizeScenario(document, limits);
  if ($schema !== SIMPLIFIED_SCHEMA && $schema !== JSON_SCHEMA) throw unsupported($schema);
  const schema = copyOf(document, limits);
  if ($schema === JSON_SCHEMA) return schema;
  return normalizeSchema({ ...schema, $schema: schema.$schema ?? JSON_SCHEMA });
}

const isNullTrigger = (key: string, value: unknown): boolean => key === 'trigger' && value === null;

function copyOf(document: unknown, limits: Limits): Record<string, unknown> {
  assertSafeDocument(document, limits);
  return objectOrEmpty(copyJson(document), 'document');
}

function unsupported(schema: unknown): NormalizeError {
  return new NormalizeError(`Unsupported schema: ${typeof schema === 'string' ? schema : JSON.stringify(schema)}`);
}
