const text = { $ref: 'fn#/$defs/text' };
const condition = { $ref: 'fn#/$defs/condition' };

/** An action and its update instructions (scenario-language §2.3, §2.4). */
export const action = {
  $id: 'action',
  type: ['object', 'null'],
  properties: {
    schema: { type: 'string' },
    title: { type: 'string' },
    description: text,
    if: condition,
    actor: {
      says: 'must be an actor, a list of actors or a data function',
      oneOf: [{ type: 'string' }, { $ref: 'fn' }, { type: 'array', items: text }],
    },
    response: {
      says: 'must be a schema or a data function',
      anyOf: [{ type: 'string' }, { $ref: 'schema' }],
    },
    update: {
      says: 'must be a path, an update instruction or a list of update instructions',
      oneOf: [
        { type: 'string' },
        { $ref: '#/$defs/instruction' },
        { type: 'array', items: { $ref: '#/$defs/instruction' } },
      ],
    },
  },
  $defs: {
    instruction: {
      type: 'object',
      required: ['set'],
      properties: { set: text, mode: { enum: ['replace', 'merge', 'append'] }, if: condition },
    },
  },
};
