/** A JSON Schema of draft 2020-12: an object, or a boolean that accepts everything or nothing. */
export type JsonSchema = boolean | Readonly<Record<string, unknown>>;

/**
 * Where `$ref`s that leave a schema are looked up: `schema:` ids and URLs alike.
 * Nothing is ever fetched; a caller who wants remote schemas loads them first and puts them here.
 * A schema must not change once it was given out: default responses are derived from it again at every replay.
 */
export interface SchemaRegistry {
  /** @param id the reference up to its fragment, e.g. `schema:person` or `https://example.com/person`. */
  get(id: string): JsonSchema | undefined;
}

/** A registry that knows no schema. */
export const emptyRegistry: SchemaRegistry = { get: () => undefined };

/** @returns a registry over schemas by id, e.g. `{'schema:person': {type: 'object'}}`. */
export function schemaRegistry(schemas: Readonly<Record<string, JsonSchema>>): SchemaRegistry {
  const known = new Map(Object.entries(schemas));
  return { get: (id) => known.get(id) };
}
