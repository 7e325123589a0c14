import fc from 'fast-check';

/** Few keys, so that the parts of a scenario refer to each other; some look like each other's, on purpose. */
const stateKey = fc.constantFrom('initial', 'wait', 'b', 'b.go', '(done)', '(a b_c)', '*');
const actionKey = fc.constantFrom('go', 'stop', 'b.go', 'initial.go', 'go.stop');
const actorKey = fc.constantFrom('client', 'team_a', 'guest_*', 'guest_1');
const service = fc.constantFrom('service:mail', 'service:bot');
const text = fc.constantFrom('', 'Some text');
const fn = fc.constantFrom({ '<ref>': 'vars.x' }, { '<tpl>': 'Hi {{ title }}' }, { '<select>': { $: 'a', a: 1 } });
const condition = fc.oneof(fc.boolean(), fn);
const optional = <T extends Record<string, fc.Arbitrary<unknown>>>(members: T) =>
  fc.record(members, { requiredKeys: [] });

const { schema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('string', 'integer', 'object', 'https://x.test/s', true, {}),
    optional({
      type: fc.constantFrom('object', 'array', ['object', 'null']),
      properties: fc.dictionary(fc.constantFrom('p', 'q'), tie('schema'), { maxKeys: 2 }),
      $defs: fc.dictionary(fc.constantFrom('p', 'q'), tie('schema'), { maxKeys: 1 }),
      items: tie('schema'),
      oneOf: fc.array(tie('schema'), { maxLength: 2 }),
      additionalProperties: tie('schema'),
      enum: fc.uniqueArray(fc.constantFrom('a', 1, null, true), { minLength: 1 }),
      const: fc.constantFrom(null, 1, 'x'),
      default: fc.constantFrom(null, 1, 'x'),
      $ref: fc.constant('#/$defs/p'),
      '!required': fc.boolean(),
    }),
  ),
}));

const by = fc.oneof(actorKey, service, fc.array(fc.oneof(actorKey, service, fc.constant('*')), { maxLength: 3 }));
const goto = fc.oneof(fc.constantFrom('initial', 'wait', 'b', '(done)', '(gone)'), fc.constant(null));
const log = fc.oneof(fc.constant(false), optional({ title: fc.oneof(text, fn), if: condition, extra: text }));
const after = fc.oneof(fc.nat(1_000), fc.constantFrom('5 minutes', '2d', '1h'));
const on = fc.option(actionKey);

const at = fc.oneof(fc.constantFrom('2026-01-01T00:00:00Z', 'Delft'), fn);

const transition = fc.oneof(
  fc.record({ at, goto, if: condition, log }, { requiredKeys: ['at', 'goto'] }),
  fc.record({ on, goto, by, if: condition, log, at, extra: text }, { requiredKeys: ['on', 'goto'] }),
  fc.record({ after, goto, if: condition, log }, { requiredKeys: ['after', 'goto'] }),
);
const entry = fc.record(
  {
    service: fc.constantFrom('mail', 'bot', 'service:mail'),
    after,
    if: condition,
    trigger: fc.option(actionKey),
    message: fn,
  },
  { requiredKeys: ['service'] },
);
const common = {
  title: fc.oneof(text, fn),
  instructions: fc.dictionary(actorKey, fc.oneof(text, fn), { maxKeys: 2 }),
  notify: fc.oneof(service, entry, fc.array(fc.oneof(service, entry), { maxLength: 3 })),
  extra: fn,
};
const state = fc.oneof(
  fc.record({ ...common, at, transitions: fc.array(transition, { maxLength: 4 }) }, { requiredKeys: ['transitions'] }),
  fc.record({ ...common, on, by, goto, log }, { requiredKeys: ['on', 'goto'] }),
  fc.record({ ...common, after, goto, log }, { requiredKeys: ['after', 'goto'] }),
  fc.record({ ...common, at, goto, log }, { requiredKeys: ['at', 'goto'] }),
  optional({ ...common, tag: fc.oneof(text, fc.array(text, { maxLength: 2 })) }),
);

const instruction = fc.record(
  {
    set: fc.constantFrom('vars.x', 'result'),
    value: fc.oneof(fn, fc.jsonValue({ maxDepth: 2 })),
    mode: fc.constantFrom('merge', 'append'),
  },
  { requiredKeys: ['set'] },
);
const action = fc.oneof(
  fc.constant(null),
  optional({
    title: text,
    if: condition,
    actor: fc.oneof(actorKey, service, fn, fc.array(fc.oneof(actorKey, service, fn), { maxLength: 3 })),
    response: fc.oneof(schema, fn),
    update: fc.oneof(fc.constant('vars.x'), instruction, fc.array(instruction, { maxLength: 2 })),
    extra: fn,
  }),
);
const actor = fc.oneof(
  fc.constant(null),
  optional({ title: text, role: text, properties: fc.dictionary(fc.constant('p'), schema) }),
);

/** Scenarios as authors write them, every part in every form the language has; not all of them are valid. */
export const scenarioArbitrary = fc.record(
  {
    title: text,
    tags: fc.array(text, { maxLength: 2 }),
    actors: fc.dictionary(actorKey, actor, { maxKeys: 3 }),
    actions: fc.dictionary(actionKey, action, { maxKeys: 4 }),
    states: fc.dictionary(stateKey, state, { maxKeys: 5 }),
    vars: fc.dictionary(fc.constantFrom('x', 'long_name'), schema, { maxKeys: 2 }),
    result: schema,
    ui: fn,
  },
  { requiredKeys: ['states'] },
);
