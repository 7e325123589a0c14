import { LimitExceeded } from '../limits.js';
import { resolvePointer, splitReference } from './reference.js';
import type { JsonSchema, SchemaRegistry } from './schema.js';

/** More schemas than any honest default consists of: `$ref`s that fan out could otherwise double at every level. */
const MAX_SCHEMAS = 10_000;

interface Search {
  readonly registry: SchemaRegistry;
  /** The schemas between the start and here: meeting one again is a recursive schema, which has no default there. */
  readonly path: Set<unknown>;
  visited: number;
}

/**
 * The value a schema gives when nothing was given (process-semantics §2.3): what `$ref` leads to, else `default` (null
 * counts), else `const`, else for an object the defaults of its properties. Defaults inside `items`, `oneOf`, `allOf`
 * and the like are ignored, and so is the part of a recursive schema that leads back to itself.
 * @returns the default, not a copy: do not change it. `undefined` when there is none.
 * @throws LimitExceeded when the default would consist of more than 10,000 schemas.
 */
export function defaultValue(schema: unknown, registry: SchemaRegistry): unknown {
  return search(schema, schema, { registry, path: new Set(), visited: 0 });
}

/** @param root the document that `#/…` references of `schema` point into. */
function search(schema: unknown, root: unknown, state: Search): unknown {
  if (++state.visited > MAX_SCHEMAS) throw new LimitExceeded('outputSize', 'Default value of a schema is too large');
  if (typeof schema === 'string') return /^https?:/.test(schema) ? follow(schema, root, state) : undefined;
  if (typeof schema !== 'object' || schema === null || state.path.has(schema)) return undefined;

  state.path.add(schema);
  try {
    return ofObject(schema as Record<string, unknown>, root, state);
  } finally {
    state.path.delete(schema);
  }
}

function ofObject(schema: Record<string, unknown>, root: unknown, state: Search): unknown {
  const { $ref, type, properties } = schema;
  if (typeof $ref === 'string') return follow($ref, root, state);
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if ((type !== undefined && type !== 'object') || typeof properties !== 'object' || properties === null) {
    return undefined;
  }
  const defaults = Object.entries(properties)
    .map(([key, property]) => [key, search(property, root, state)] as const)
    .filter(([, value]) => value !== undefined);
  return defaults.length > 0 ? Object.fromEntries(defaults) : undefined;
}

function follow(reference: string, root: unknown, state: Search): unknown {
  const { id, fragment } = splitReference(reference);
  const document: JsonSchema | undefined = id === '' ? (root as JsonSchema) : state.registry.get(id);
  const target = fragment === '' ? document : resolvePointer(document, fragment);
  return search(target, document, state);
}
