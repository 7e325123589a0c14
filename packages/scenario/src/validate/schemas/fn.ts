/** A data function (scenario-language §6): exactly one of its three keys. Other keys beside are tolerated. */
export const fn = {
  $id: 'fn',
  type: 'object',
  says: 'must be a data function: exactly one of <ref>, <tpl> and <select>',
  oneOf: [
    { required: ['<ref>'], properties: { '<ref>': { type: 'string' } } },
    { required: ['<tpl>'], properties: { '<tpl>': { $ref: '#/$defs/template' } } },
    { required: ['<select>'], properties: { '<select>': { $ref: '#/$defs/select' } } },
  ],
  $defs: {
    template: {
      says: 'must be a text, or a map of template, view and partials',
      oneOf: [
        { type: 'string' },
        {
          type: 'object',
          required: ['template'],
          properties: {
            template: { $ref: '#/$defs/text' },
            view: { type: ['object', 'null'] },
            partials: { type: ['object', 'null'] },
          },
          additionalProperties: false,
        },
      ],
    },
    select: {
      type: 'object',
      required: ['$'],
      properties: {
        $: {
          says: 'must be a text, a whole number, true, false or a data function',
          oneOf: [{ type: 'string' }, { type: 'integer' }, { type: 'boolean' }, { $ref: 'fn' }],
        },
      },
    },
    text: { says: 'must be a text or a data function', oneOf: [{ type: 'string' }, { $ref: 'fn' }] },
    condition: { says: 'must be true, false or a data function', oneOf: [{ type: 'boolean' }, { $ref: 'fn' }] },
    /** Has one of the keys of a data function, well-formed or not. */
    like: { anyOf: [{ required: ['<ref>'] }, { required: ['<tpl>'] }, { required: ['<select>'] }] },
  },
};
