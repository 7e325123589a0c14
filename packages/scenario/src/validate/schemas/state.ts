const text = { $ref: 'fn#/$defs/text' };
const condition = { $ref: 'fn#/$defs/condition' };
const action = { type: ['string', 'null'] };
const goto = { type: ['string', 'null'] };
const by = { $ref: '#/$defs/by' };
const after = { $ref: '#/$defs/duration' };
const at = { $ref: '#/$defs/time' };
const log = { $ref: '#/$defs/log' };

/** What every kind of state can have. */
const common = {
  schema: { type: 'string' },
  title: text,
  description: text,
  instructions: { type: 'object', additionalProperties: text },
  notify: { $ref: '#/$defs/notify' },
};

/** The two ways to write the ways out of a state, and what does not go together. */
const waysOut = {
  properties: {
    ...common,
    ...{ on: action, by, after, goto, log },
    transitions: { type: 'array', items: { $ref: '#/$defs/transition' } },
  },
  dependentRequired: { on: ['goto'], after: ['goto'] },
  dependentSchemas: {
    transitions: { properties: { on: false, by: false, goto: false, log: false } },
    after: { properties: { by: false, at: false } },
  },
  says: "must not have 'by' with 'on: null', which nobody performs",
  not: { type: 'object', required: ['on', 'by'], properties: { on: { type: 'null' } } },
};

const otherWaysOut = { anyOf: [{ required: ['on'] }, { required: ['after'] }, { required: ['transitions'] }] };

/**
 * The way out by a time (decision 13). Beside another way out `at` is the author's own property and may be anything, as it
 * is in the reference; only with `after` it would be misread.
 */
const byTime = { required: ['at'], not: otherWaysOut };
const timed = { properties: { at, by: { says: "must not be there with 'at', which nobody performs", not: {} } } };

/** The three kinds of states an author can write (scenario-language §2.5) and what they are made of. */
export const state = {
  $id: 'state',
  $defs: {
    active: {
      type: 'object',
      allOf: [waysOut, { says: '', if: byTime, then: { ...timed, required: ['goto'] } }],
      says: "must have exactly one of 'on', 'after', 'at' and 'transitions'",
      oneOf: [{ required: ['on'] }, { required: ['after'] }, { required: ['transitions'] }, byTime],
    },
    wildcard: {
      type: 'object',
      allOf: [
        waysOut,
        { says: '', if: { allOf: [{ required: ['goto'] }, byTime] }, then: timed },
        {
          says: "must not have more than one of 'on', 'after' and 'transitions'",
          not: {
            anyOf: [
              { required: ['on', 'after'] },
              { required: ['on', 'transitions'] },
              { required: ['after', 'transitions'] },
            ],
          },
        },
      ],
    },
    end: {
      type: ['object', 'null'],
      properties: {
        ...common,
        tag: {
          says: 'must be a tag or a list of tags',
          anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
        },
      },
    },
    transition: {
      type: 'object',
      required: ['goto'],
      properties: { ...{ on: action, by, after, goto, log }, if: condition },
      says: "must have exactly one of 'on', 'after' and 'at'",
      oneOf: [{ required: ['on'] }, { required: ['after'] }, byTime],
      dependentSchemas: { after: { properties: { by: false, at: false } } },
      allOf: [{ says: '', if: byTime, then: timed }],
    },
    by: {
      says: 'must be an actor or a list of actors',
      oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    },
    duration: {
      says: 'must be a whole number of seconds, or a time such as "5 minutes"',
      oneOf: [
        {
          type: 'string',
          pattern: '^(\\d+)\\s*(s|second|seconds|m|minute|minutes|h|hour|hours|d|day|days|w|week|weeks)$',
        },
        { type: 'integer', minimum: 0 },
      ],
    },
    time: {
      says: 'must be a time with its zone such as "2026-12-24T18:00:00Z", or a data function',
      oneOf: [{ type: 'string', format: 'instant' }, { $ref: 'fn' }],
    },
    log: {
      says: 'must be a log entry or false',
      oneOf: [{ type: 'object', properties: { title: text, description: text, if: condition } }, { const: false }],
    },
    notify: {
      says: 'must be a service, a notify entry or a list of them',
      oneOf: [
        { type: 'string' },
        { $ref: '#/$defs/notifyEntry' },
        {
          type: 'array',
          items: {
            says: 'must be a service or a notify entry',
            oneOf: [{ type: 'string' }, { $ref: '#/$defs/notifyEntry' }],
          },
        },
      ],
    },
    notifyEntry: {
      type: 'object',
      required: ['service'],
      properties: {
        service: { type: 'string' },
        after,
        if: condition,
        trigger: {
          says: 'must be an action, a data function or null',
          oneOf: [{ type: 'string' }, { $ref: 'fn' }, { type: 'null' }],
        },
        message: {
          says: 'must be a text, a data function or an object',
          anyOf: [
            { type: 'string' },
            { $ref: 'fn' },
            { type: 'object', not: { $ref: 'fn#/$defs/like' }, properties: { schema: { type: 'string' } } },
          ],
        },
      },
    },
  },
};
