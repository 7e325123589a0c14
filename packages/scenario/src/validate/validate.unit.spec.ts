import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { scenarioArbitrary } from '../normalize/test/scenario.arbitrary.js';
import { schemaRegistry } from '../schema/index.js';
import { checkScenario, validateScenario } from './index.js';

const MINIMAL = { states: { initial: { on: 'go', goto: '(done)' } } };
const actionsOf = (actions: object) => ({ actions, states: { initial: { on: 'go', goto: '(done)' } } });
const errorsOf = (document: unknown) =>
  validateScenario(document).errors.map(({ instancePath, message }) => `${instancePath}: ${message}`);

describe('validateScenario', () => {
  it('given a scenario, finds nothing', () => {
    expect(validateScenario(MINIMAL)).toEqual({ valid: true, errors: [] });
  });

  it('finds everything that is wrong, with the rule that says so', () => {
    const { valid, errors } = validateScenario({ name: 'n', states: { initial: { on: 'go', goto: 'nowhere' } } });
    expect(valid).toBe(false);
    expect(errors).toEqual([
      expect.objectContaining({ instancePath: '', keyword: 'dependentRequired' }),
      {
        instancePath: '/states/initial/goto',
        schemaPath: '',
        keyword: '',
        params: { value: 'nowhere', allowedValues: ['initial'] },
        message: 'must reference a state',
      },
    ]);
  });

  it.each([
    [null, [': must be object']],
    ['states', [': must be object']],
    [{ states: 'initial' }, ['/states: must be object']],
    [{ ...MINIMAL, $schema: 'other' }, ['/$schema: must be https://schemas.letsflow.io/v1.0/scenario']],
    [actionsOf({ a: { actor: 5 } }), ['/actions/a/actor: must be an actor, a list of actors or a data function']],
    [actionsOf({ a: { schema: 5 } }), ['/actions/a/schema: must be string']],
    [
      actionsOf({ a: { update: { value: 1 } } }),
      [
        "/actions/a/update: must have required property 'set'",
        '/actions/a/update: must be a path, an update instruction or a list of update instructions',
      ],
    ],
    [
      { states: { initial: { transitions: [{ on: 'a', goto: null, if: 'maybe' }] } } },
      ['/states/initial/transitions/0/if: must be true, false or a data function'],
    ],
    [
      { ...MINIMAL, vars: { a: { properties: { b: 'text' } } } },
      [
        '/vars/a/properties/b: must be a schema: an object, the name of a type, or a reference to a schema',
        '/vars/a: is wrong inside',
      ],
    ],
    [
      { states: { initial: { after: 5, by: 'a', goto: null } } },
      ['/states/initial/by: must not have a property by when property after is present'],
    ],
    [
      { states: { initial: { at: 'tomorrow', goto: null } } },
      ['/states/initial/at: must be a time with its zone such as "2026-12-24T18:00:00Z", or a data function'],
    ],
    [
      { states: { initial: { at: '2026-12-24T18:00:00Z', after: 5, goto: null } } },
      ['/states/initial/at: must not have a property at when property after is present'],
    ],
    [
      { states: { initial: { at: '2026-12-24T18:00:00Z', by: 'actor', goto: null } } },
      ["/states/initial/by: must not be there with 'at', which nobody performs"],
    ],
    [{ states: { initial: { at: '2026-12-24T18:00:00Z' } } }, ["/states/initial: must have required property 'goto'"]],
    [
      { states: { initial: { transitions: [{ goto: null }, { at: null, goto: null }] } } },
      [
        "/states/initial/transitions/0: must have exactly one of 'on', 'after' and 'at'",
        '/states/initial/transitions/1/at: must be a time with its zone such as "2026-12-24T18:00:00Z", or a data function',
      ],
    ],
    [{ states: { initial: { on: 'a', goto: '*' }, '*': {} } }, ['/states/initial/goto: must reference a state']],
  ])('given %j, says what is wrong where', (document, expected) => {
    expect(errorsOf(document)).toEqual(expected);
  });

  it.each([
    ['a time', { states: { initial: { at: '2026-12-24T18:00+01:00', goto: '(late)' } } }],
    ['an expression', { states: { initial: { transitions: [{ at: { '<ref>': 'vars.until' }, goto: null }] } } }],
    [
      'every state',
      { states: { initial: { on: 'go', goto: null }, '*': { at: { '<ref>': 'vars.x' }, goto: '(late)' } } },
    ],
    ['a property of the author’s own', { states: { initial: { on: 'go', goto: null, at: 'Delft' }, '*': { at: 5 } } }],
    [
      'one beside a list',
      { states: { initial: { transitions: [{ on: 'go', at: 'Delft', goto: null }], at: 'Delft' } } },
    ],
  ])('accepts `at`, as %s', (_, document) => {
    expect(errorsOf(document)).toEqual([]);
  });

  it.each([
    ['goto: null on a simple state', { states: { initial: { on: 'a', goto: null }, '*': { on: 'b', goto: null } } }],
    ['a null end state', { states: { initial: { on: 'a', goto: '(done)' }, '(done)': null } }],
    ['references and types as shorthand', { ...MINIMAL, vars: { a: 'https://x.test/a', b: 'object', c: '#/x' } }],
    ['shorthand inside combinations', { ...MINIMAL, vars: { a: { oneOf: ['string', 'array'], items: 'null' } } }],
    ['`required: true` on a property', { ...MINIMAL, vars: { a: { properties: { x: { required: true } } } } }],
    [
      '!select as a message',
      { states: { initial: { on: 'a', goto: null, notify: { service: 's', message: { '<select>': { $: 'a' } } } } } },
    ],
    [
      'data functions anywhere in a response',
      actionsOf({ a: { response: { properties: { x: { '<ref>': 'vars.x' } } } } }),
    ],
    ['a sub-schema nobody knows', actionsOf({ a: { schema: 'unknown' } })],
  ])('accepts what the reference refuses or fails at: %s', (_, document) => {
    expect(errorsOf(document)).toEqual([]);
  });

  it('refuses what nothing may walk, naming the place', () => {
    const hostile: unknown = JSON.parse('{"states":{"initial":{"constructor":1}}}');
    expect(errorsOf(hostile)).toEqual(['/states/initial/constructor: is a key that is not allowed']);
    let deep: object = {};
    for (let i = 0; i < 50_000; i++) deep = { deep };
    expect(errorsOf(deep)).toEqual([': Document is nested deeper than 128 levels']);
  });

  it('takes anything and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), mutated), (document) => {
        const { valid, errors } = checkScenario(document, { schemas: schemaRegistry({ 'schema:x': false }) });
        expect(valid).toBe(errors.length === 0);
      }),
      { numRuns: 500 },
    );
  });

  it('does work linear in the number of errors', () => {
    const cost = (n: number) => {
      const transitions = Array.from({ length: n }, () => ({ on: 5, goto: [], log: true, if: { '<ref>': 5 } }));
      const started = process.cpuUsage();
      expect(errorsOf({ states: { initial: { transitions } } }).length).toBeGreaterThan(n);
      const { user, system } = process.cpuUsage(started);
      return user + system;
    };
    // The least of several runs: a collection of garbage, or others on the machine, fall into any one of them.
    const least = (n: number) => Math.min(...Array.from({ length: 4 }, () => cost(n)));
    const few = least(300);
    // Quadratic work would cost a hundred times as much.
    expect(least(3_000)).toBeLessThan(40 * Math.max(few, 2_000));
  });
});

/** Scenarios with one part, anywhere, replaced by what does not belong there. */
const mutated = fc
  .tuple(
    scenarioArbitrary,
    fc.infiniteStream(fc.nat(9)),
    fc.constantFrom<unknown>(null, 5, 'text', [], {}, [null], true),
  )
  .map(([scenario, choices, junk]) => {
    const replace = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return junk;
      const keys = Object.keys(value);
      const choice = choices.next().value as number;
      const key = keys[choice % Math.max(keys.length, 1)];
      if (key === undefined || choice === 9) return junk;
      const changed = { ...value, [key]: replace((value as Record<string, unknown>)[key]) };
      return Array.isArray(value) ? Object.values(changed) : changed;
    };
    return replace(scenario);
  });

describe('sub-schemas', () => {
  const schemas = schemaRegistry({
    'schema:form': {
      type: 'object',
      required: ['fields'],
      properties: { fields: { type: 'array' }, n: { type: 'number' } },
    },
    'https://x.test/strict': { properties: { foo: { type: 'string' } } },
    'schema:broken': { type: 'nonsense' },
  });
  const errors = (document: unknown) =>
    validateScenario(document, { schemas }).errors.map(({ instancePath, message }) => `${instancePath}: ${message}`);

  it('hold for actions, states and messages', () => {
    const message = { schema: 'https://x.test/strict', foo: 42 };
    const scenario = {
      actions: { a: { schema: 'form', fields: 5 } },
      states: {
        initial: { on: 'a', goto: '(done)', notify: ['log', { service: 's', message }], schema: 'schema:form' },
        '(done)': { notify: { service: 's', message } },
      },
    };
    expect(errors(scenario)).toEqual([
      '/actions/a/fields: must be array',
      "/states/initial: must have required property 'fields'",
      '/states/initial/notify/1/message/foo: must be string',
      '/states/(done)/notify/message/foo: must be string',
    ]);
  });

  it('let a data function stand for any value, but not for none', () => {
    const functions = { fields: { '<ref>': 'vars.fields' }, n: [{ '<ref>': 'vars.n' }] };
    expect(errors(actionsOf({ a: { schema: 'form', ...functions } }))).toEqual(['/actions/a/n: must be number']);
  });

  it('that cannot be compiled are named', () => {
    expect(errors(actionsOf({ a: { schema: 'broken' } }))).toEqual([
      expect.stringMatching(/^\/actions\/a\/schema: must reference a usable schema \(schema is invalid: /),
    ]);
  });
});
