import { LimitExceeded, type Limits } from '../limits.js';
import { isDataFunction } from '../normalize/data-function.js';
import type { NormalizedScenario } from '../normalize/index.js';
import { isObject } from '../normalize/json.js';
import {
  createSchemaCompiler,
  SchemaError,
  schemaWarnings,
  type JsonSchema,
  type SchemaRegistry,
} from '../schema/index.js';
import { pointer } from '../yaml/safe-document.js';
import { finding, type Finding } from './finding.js';

interface Place {
  readonly path: readonly string[];
  readonly schema: unknown;
}

/**
 * Schemas of a scenario that cannot be compiled: malformed, or with a reference that leads nowhere.
 * @returns `broken` ones, and those `unresolved` because the registry does not know what they refer to.
 */
export function unusableSchemas(
  scenario: NormalizedScenario,
  registry: SchemaRegistry,
  limits: Limits,
): { broken: Finding[]; unresolved: Finding[] } {
  const compiler = createSchemaCompiler(registry, limits);
  const broken: Finding[] = [];
  const unresolved: Finding[] = [];
  for (const { path, schema } of placesOf(scenario)) {
    try {
      compiler.compile(schema as JsonSchema);
    } catch (error) {
      if (!(error instanceof SchemaError || error instanceof LimitExceeded)) throw error;
      const isMissing = error instanceof SchemaError && error.code === 'unresolvable-reference';
      (isMissing ? unresolved : broken).push(finding(pointer(path), `cannot be used as a schema: ${error.message}`));
    }
  }
  return { broken, unresolved };
}

/** Keywords and formats that have no effect (decision 6). */
export function* ineffectiveKeywords(scenario: NormalizedScenario): Generator<Finding> {
  for (const { path, schema } of placesOf(scenario)) {
    for (const warning of schemaWarnings(schema)) yield finding(pointer(path) + warning.path, warning.message);
  }
}

/** All schemas but those that a data function yields, in whole or in part. The role beside an actor's schema is none of it. */
function* placesOf({ actors, actions, vars, result }: NormalizedScenario): Generator<Place> {
  for (const [key, { role: _role, ...schema }] of Object.entries(actors)) {
    yield { path: ['actors', key], schema };
  }
  for (const [key, { response }] of Object.entries(actions)) {
    if (!containsFunction(response)) yield { path: ['actions', key, 'response'], schema: response };
  }
  for (const [key, schema] of Object.entries(vars)) yield { path: ['vars', key], schema };
  yield { path: ['result'], schema: result };
}

function containsFunction(value: unknown): boolean {
  if (isDataFunction(value)) return true;
  return (Array.isArray(value) || isObject(value)) && Object.values(value).some(containsFunction);
}
