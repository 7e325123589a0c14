import { z } from 'zod';

export type JsonObject = Record<string, unknown>;

/** What a schema looks like to who sends it, and to who gets it: defaults and conversions make a difference. */
type Side = 'input' | 'output';

/** The shared schemas of a document: those with an id (`.meta({ id })`), each once. */
export interface Components {
  /** A schema, or a reference to it where it has an id. */
  schema(schema: z.ZodType, side: Side): JsonObject;
  /** A schema that stands for itself, for a parameter or a header. */
  inline(schema: z.ZodType, side: Side): JsonObject;
  /** A reference to an example that several answers show. */
  example(name: string, example: JsonObject): JsonObject;
  schemas(): Record<string, JsonObject>;
  examples(): Record<string, JsonObject>;
}

export function createComponents(): Components {
  const found = new Map<string, { readonly original: string; readonly schema: JsonObject }>();
  const examples = new Map<string, JsonObject>();

  const convert = (schema: z.ZodType, side: Side): JsonObject => {
    const {
      $schema: _,
      $defs,
      ...root
    } = z.toJSONSchema(schema, {
      target: 'draft-2020-12',
      io: side,
      unrepresentable: 'any',
    }) as JsonObject & { $defs?: Record<string, JsonObject> };
    const definitions = Object.entries($defs ?? {});
    const names = new Map(definitions.map(([id, definition]) => [id, nameFor(id, definition, side)]));
    for (const [id, definition] of definitions) {
      const name = names.get(id) ?? id;
      if (found.has(name)) continue;
      found.set(name, { original: JSON.stringify(definition), schema: referring(definition, names) as JsonObject });
    }
    return referring(root, names) as JsonObject;
  };

  /** A schema that looks different from either side is two components. */
  const nameFor = (id: string, definition: JsonObject, side: Side): string => {
    const known = found.get(id);
    if (!known || known.original === JSON.stringify(definition)) return id;
    return `${id}${side === 'input' ? 'Input' : 'Output'}`;
  };

  return {
    schema: (schema, side) => {
      const id = z.globalRegistry.get(schema)?.id;
      // A schema by itself is written out; inside another one it becomes a definition, which is what is wanted here.
      return id === undefined ? convert(schema, side) : ofWrapped(convert(z.object({ it: schema }), side));
    },
    inline: convert,
    example: (name, example) => {
      examples.set(name, example);
      return { $ref: `#/components/examples/${name}` };
    },
    examples: () => Object.fromEntries(examples),
    schemas: () =>
      Object.fromEntries(
        [...found].map(([name, { schema }]) => {
          const { id: _, ...rest } = schema;
          return [name, rest];
        }),
      ),
  };
}

const ofWrapped = ({ properties }: JsonObject): JsonObject => (properties as { it: JsonObject }).it;

/** The value with references to its own definitions turned to the document's components. */
function referring(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => referring(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const id = key === '$ref' && typeof member === 'string' ? /^#\/\$defs\/(.+)$/.exec(member)?.[1] : undefined;
      if (id !== undefined) return [key, `#/components/schemas/${names.get(id) ?? id}`];
      return [key, referring(member, names)];
    }),
  );
}
