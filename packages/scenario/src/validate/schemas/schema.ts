const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

const count = { type: 'integer', minimum: 0 };
const number = { type: 'number' };
const text = { type: 'string' };
const flag = { type: 'boolean' };
const names = { type: 'array', items: text };
const member = { $ref: 'schema' };
const element = { $ref: '#/$defs/element' };
const plain = { type: ['object', 'boolean'] };
const mapOf = (schema: object) => ({ type: 'object', additionalProperties: schema });
const listOf = (schema: object) => ({ type: 'array', items: schema });

const byName = (keywords: readonly string[], schema: object) =>
  Object.fromEntries(keywords.map((keyword) => [keyword, schema]));

/**
 * A schema in the simplified notation (scenario-language §4): a JSON Schema of draft 2020-12, in which a string stands
 * for a type or, in a map of schemas, for a reference. Where normalisation does not look, no string stands for anything.
 * A data function passes as an object of unknown keywords: in a response it can stand for any part of the schema.
 */
export const schema = {
  $id: 'schema',
  says: 'must be a schema: an object, the name of a type, or a reference to a schema',
  anyOf: [
    { type: 'boolean' },
    { type: 'string', anyOf: [{ enum: TYPES }, { pattern: '^(https?:|#)' }] },
    { $ref: '#/$defs/object' },
  ],
  $defs: {
    /** Where a string is always a type (§4.1). */
    element: {
      says: 'must be a schema: an object or the name of a type',
      anyOf: [{ type: 'boolean' }, { enum: TYPES }, { $ref: '#/$defs/object' }],
    },
    object: {
      type: 'object',
      properties: {
        type: {
          says: 'must be the name of a type, or a list of them',
          anyOf: [
            { enum: TYPES },
            { type: 'array', items: { type: 'string', enum: TYPES }, minItems: 1, uniqueItems: true },
          ],
        },
        ...byName(['properties', 'patternProperties', '$defs', 'definitions'], mapOf(member)),
        ...byName(['items', 'additionalProperties'], element),
        ...byName(['allOf', 'anyOf', 'oneOf'], listOf(element)),
        ...byName(['not', 'if', 'then', 'else', 'contains', 'propertyNames'], plain),
        ...byName(['unevaluatedItems', 'unevaluatedProperties'], plain),
        ...byName(['prefixItems'], listOf(plain)),
        ...byName(['dependentSchemas'], mapOf(plain)),
        ...byName(['dependentRequired'], mapOf(names)),
        required: {
          says: 'must be a list of property names, or true on a property',
          anyOf: [names, flag],
        },
        ...byName(['$ref', '$id', '$schema', '$anchor', '$comment', 'title', 'description'], text),
        ...byName(['format', 'pattern', 'contentEncoding', 'contentMediaType'], text),
        ...byName(['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'], count),
        ...byName(['minContains', 'maxContains'], count),
        ...byName(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'], number),
        multipleOf: { type: 'number', exclusiveMinimum: 0 },
        ...byName(['uniqueItems', 'deprecated', 'readOnly', 'writeOnly'], flag),
        ...byName(['enum', 'examples'], { type: 'array' }),
      },
    },
  },
};
