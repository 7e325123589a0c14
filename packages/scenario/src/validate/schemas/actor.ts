/** An actor: the schema of its object, with its fixed role beside it (scenario-language §2.2). */
export const actor = {
  $id: 'actor',
  type: ['object', 'null'],
  properties: {
    type: { const: 'object' },
    role: {
      says: 'must be a role or a list of roles',
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    },
  },
  if: { type: 'object', not: { required: ['$ref'] } },
  then: { says: 'must be a valid schema', anyOf: [{ $ref: 'schema#/$defs/object' }] },
};
