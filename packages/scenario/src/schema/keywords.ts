/** Where a keyword of draft 2020-12 holds further schemas: one, a list, or a map by name. */
export const SUBSCHEMAS: Readonly<Record<'one' | 'list' | 'map', ReadonlySet<string>>> = {
  one: new Set([
    'additionalProperties',
    'contains',
    'contentSchema',
    'else',
    'if',
    'items',
    'not',
    'propertyNames',
    'then',
    'unevaluatedItems',
    'unevaluatedProperties',
  ]),
  list: new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']),
  map: new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties']),
};

/** The keywords of draft 2020-12 that hold no schema. */
const PLAIN: readonly string[] = [
  ...['$anchor', '$comment', '$dynamicAnchor', '$dynamicRef', '$id', '$ref', '$schema', '$vocabulary'],
  ...['const', 'default', 'dependencies', 'dependentRequired', 'deprecated', 'description', 'enum', 'examples'],
  ...['exclusiveMaximum', 'exclusiveMinimum', 'format', 'maxContains', 'maxItems', 'maxLength', 'maxProperties'],
  ...['maximum', 'minContains', 'minItems', 'minLength', 'minProperties', 'minimum', 'multipleOf', 'pattern'],
  ...['contentEncoding', 'contentMediaType', 'readOnly', 'required', 'title', 'type', 'uniqueItems', 'writeOnly'],
];

/** Every keyword that means something here. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  ...SUBSCHEMAS.one,
  ...SUBSCHEMAS.list,
  ...SUBSCHEMAS.map,
  ...PLAIN,
]);
