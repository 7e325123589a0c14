const text = { type: 'string' };

/** A scenario as an author writes it (scenario-language §2.1). What it refers to is checked elsewhere. */
export const scenario = {
  $id: 'scenario',
  type: 'object',
  required: ['states'],
  dependentRequired: { name: ['version'] },
  properties: {
    $schema: text,
    id: { type: 'string', format: 'uuid' },
    ...{ name: text, version: text, title: text, description: text },
    tags: { type: 'array', items: text },
    actors: { type: 'object', additionalProperties: { $ref: 'actor' } },
    actions: { type: 'object', additionalProperties: { $ref: 'action' } },
    states: {
      type: 'object',
      required: ['initial'],
      properties: { '*': { $ref: 'state#/$defs/wildcard' } },
      patternProperties: {
        '^\\(.+\\)$': { $ref: 'state#/$defs/end' },
        '^(?!\\*$|\\(.+\\)$)': { $ref: 'state#/$defs/active' },
      },
    },
    vars: { type: 'object', additionalProperties: { $ref: 'schema' } },
    result: { $ref: 'schema' },
  },
};
