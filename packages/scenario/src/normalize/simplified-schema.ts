import type { JsonSchema } from '../schema/index.js';
import { isObject, mapValues } from './json.js';

type SchemaObject = Record<string, unknown>;

/**
 * Writes out the simplified notation of a schema (scenario-language §4): shorthand strings, `!required` on properties,
 * inferred types, and no additional properties unless the author wants them.
 * @param schema of an actor, variable, response or result, or a document of its own.
 */
export function normalizeSchema(schema: unknown): JsonSchema {
  return normalizeAuthored(typeof schema === 'string' ? referenceOrType(schema) : schema);
}

/** §4.1: a string is a reference when it looks like one. */
const referenceOrType = (text: string): JsonSchema => (/^(https?:|#)/.test(text) ? { $ref: text } : { type: text });

/** A schema in a map of schemas, where a string is a reference or a type and says all there is to say. */
function normalizeMember(schema: unknown): JsonSchema {
  return typeof schema === 'string' ? referenceOrType(schema) : normalizeAuthored(schema);
}

/** A schema in a place where a string is always a type: items, additional properties, combinations (§4.1). */
function normalizeElement(schema: unknown): JsonSchema {
  return typeof schema === 'string' ? { type: schema } : normalizeAuthored(schema);
}

function normalizeAuthored(schema: unknown): JsonSchema {
  if (schema === null || schema === undefined) return {};
  // What is no schema at all, a number say, is kept for the validator of schemas to refuse.
  return isObject(schema) ? normalizeSchemaObject(schema) : (schema as JsonSchema);
}

/** The steps of §4.2 in their order: later ones read what earlier ones wrote. */
function normalizeSchemaObject(authored: SchemaObject): SchemaObject {
  const { '!required': _required, ...schema } = authored;
  // `required: true` is the documentation's way to write `!required` in JSON; the parent has read it.
  if (typeof schema.required === 'boolean') delete schema.required;
  for (const keyword of ['allOf', 'oneOf', 'anyOf']) {
    const list = schema[keyword];
    if (Array.isArray(list)) schema[keyword] = list.map(normalizeElement);
  }
  if ('$ref' in schema) return schema;

  if (!schema.type) Object.assign(schema, inferType(schema));
  const required = requiredNames(schema);
  if (required) schema.required = required;
  for (const keyword of ['properties', 'definitions', '$defs', 'patternProperties']) {
    const children = schema[keyword];
    if (isObject(children)) schema[keyword] = mapValues(children, normalizeMember);
  }
  for (const keyword of ['items', 'additionalProperties']) {
    if (keyword in schema && !Array.isArray(schema[keyword])) schema[keyword] = normalizeElement(schema[keyword]);
  }
  if (schema.type === 'object' && !('additionalProperties' in schema)) schema.additionalProperties = false;
  return schema;
}

/**
 * §4.2 step 4, except that null and arrays are called by their JSON name, so that a constant matches itself.
 * @returns the keyword, or nothing when it cannot be told.
 */
function inferType(schema: SchemaObject): { type?: unknown } {
  if ('const' in schema) return { type: typeOf(schema.const) };
  if ('items' in schema) return { type: 'array' };
  if (['properties', 'patternProperties', 'additionalProperties'].some((keyword) => keyword in schema)) {
    return { type: 'object' };
  }
  const types = [...new Set(Array.isArray(schema.enum) ? schema.enum.map(typeOf) : [])];
  if (types.length === 0) return {};
  return { type: types.length > 1 ? types : types[0] };
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** @returns the names the schema requires, with those of properties marked so; undefined when there is no such mark. */
function requiredNames({ properties, required }: SchemaObject): unknown[] | undefined {
  if (!isObject(properties)) return undefined;
  const marked = Object.keys(properties).filter((name) => isRequired(properties[name]));
  const given: unknown[] = Array.isArray(required) ? required : [];
  return marked.length > 0 ? [...new Set([...given, ...marked])] : undefined;
}

const isRequired = (property: unknown): boolean =>
  isObject(property) && (Boolean(property['!required']) || property.required === true);
