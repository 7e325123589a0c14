import * as fc from 'fast-check';
import { DOCUMENT } from './document.js';

/** As much of JSON Schema as the document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly format?: string;
}

/** Formats, with values that harm nobody: nothing listens at that port. */
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  uri: ['http://127.0.0.1:9/hook', 'https://127.0.0.1:9/'],
  uuid: ['00000000-0000-4000-8000-000000000000'],
  'date-time': ['2030-01-01T00:00:00Z', '1970-01-01T00:00:00+14:00'],
};

/**
 * Values a schema describes, nearly: patterns and most bounds are left to chance.
 * @param known ids that exist
 */
export function valueOf(schema: Schema, known: fc.Arbitrary<string>, depth = 0): fc.Arbitrary<unknown> {
  const { $ref, anyOf, oneOf, enum: values, type } = schema;
  if ($ref !== undefined) return valueOf(referred($ref), known, depth);
  if ('const' in schema) return fc.constant(schema.const);
  if (values) return fc.constantFrom(...values);
  const choices = anyOf ?? oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => valueOf(choice, known, depth)));
  switch (Array.isArray(type) ? type[0] : type) {
    case 'string':
      return text(schema, known);
    case 'integer':
    case 'number':
      return whole(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, known, depth + 1), { maxLength: depth > 3 ? 0 : 3 });
    case 'object':
      return object(schema, known, depth);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

/** Bounds of a `number` may be fractions. */
function whole({ minimum = -5, maximum = 200 }: Schema): fc.Arbitrary<number> {
  return fc.integer({ min: Math.ceil(minimum), max: Math.min(Math.floor(maximum), 2_000_000_000) });
}

function text({ format, maxLength = 60 }: Schema, known: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const formed = FORMATS[format ?? ''];
  const chosen = formed ? fc.constantFrom(...formed) : fc.oneof(known, fc.constantFrom('quote', 'a', '*', ''));
  return fc.oneof(
    { weight: 3, arbitrary: chosen },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: Math.min(maxLength, 60) }) },
  );
}

function object(schema: Schema, known: fc.Arbitrary<string>, depth: number): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, member]) => [name, valueOf(member, known, depth + 1)]),
  );
  const described = fc.record(members, { requiredKeys: required.filter((name) => name in members) });
  if (additionalProperties === undefined || additionalProperties === false || depth > 3) return described;
  const further = valueOf(additionalProperties === true ? {} : additionalProperties, known, depth + 1);
  return fc
    .tuple(fc.dictionary(fc.string({ maxLength: 8 }), further, { maxKeys: 3 }), described)
    .map(([more, own]) => ({ ...more, ...own }));
}

/** `#/components/schemas/Name` */
function referred($ref: string): Schema {
  const { schemas = {} } = DOCUMENT.components as { schemas?: Record<string, Schema> };
  return schemas[$ref.split('/').at(-1) ?? ''] ?? {};
}
