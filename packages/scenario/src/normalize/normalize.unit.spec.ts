import { describe, expect, it } from 'vitest';

import { scenarioId } from '../identity/index.js';
import { isActiveState, JSON_SCHEMA, normalize, normalizeScenario, SIMPLIFIED_SCHEMA } from './index.js';

const MINIMAL = { states: { initial: { on: 'complete', goto: '(done)' } } };
const withStates = (states: object) => normalizeScenario({ states });
const withVars = (vars: object) => normalizeScenario({ ...MINIMAL, vars }).vars;
const transitionsOf = (scenario: ReturnType<typeof normalizeScenario>, key: string) => {
  const state = scenario.states[key];
  return state && isActiveState(state) ? state.transitions : undefined;
};

describe('normalizeScenario', () => {
  it('writes out everything a minimal scenario implies', () => {
    const scenario = normalizeScenario(MINIMAL);
    expect(scenarioId(scenario)).toBe('57ad0e5b-9c5a-57f2-83da-f895a91ff3d8');
    expect(scenario.actions).toEqual({
      'initial.complete': {
        title: 'complete',
        description: '',
        if: true,
        actor: ['actor'],
        response: {},
        update: [],
      },
    });
    expect(scenario.states['(done)']).toMatchObject({ title: 'done', tag: ['(done)'] });
  });

  it('given a schema it does not know, says so', () => {
    expect(() => normalizeScenario({ ...MINIMAL, $schema: 'other' })).toThrow('Unsupported schema: other');
    expect(() => normalize({}, 'other')).toThrow('Unsupported schema: other');
  });

  it.each([
    ['a document that is none', 5, 'Invalid document: must be an object'],
    ['states that are none', { states: 'initial' }, 'Invalid states: must be an object'],
    ['a state that is none', { states: { initial: 5 } }, "Invalid state 'initial': must be an object"],
    ['a goto without a when', { states: { a: { goto: 'b' } } }, "Invalid state 'a': 'goto' without 'on' or 'after'"],
    ['an odd time', { states: { a: { after: '5.5h', goto: null } } }, 'Invalid time period format'],
    ['an odd unit', { states: { a: { after: '5 months', goto: null } } }, 'Invalid time period unit.'],
    ['a notify without service', { states: { a: { notify: {} } } }, "Invalid notify of state 'a': no service"],
    ['an action that is none', { ...MINIMAL, actions: { a: 5 } }, "Invalid action 'a': must be an object"],
    ['an update that is none', { actions: { a: { update: 5 } } }, "Invalid update of action 'a': must be an object"],
    [
      'two states that need one key for different actions',
      { states: { a: { on: 'b.c', goto: null }, 'a.b': { on: 'c', goto: null } } },
      "Unable to create implicit action 'a.b.c', because key is used for action in scenario",
    ],
    ['an actor that is none', { ...MINIMAL, actors: { a: [] } }, "Invalid actor 'a': must be an object"],
  ])('given %s, says so', (_, document, message) => {
    expect(() => normalizeScenario(document)).toThrow(expect.objectContaining({ name: 'NormalizeError', message }));
  });

  it('given keys that reach into prototypes or a bottomless document, refuses it', () => {
    const hostile: unknown = JSON.parse('{"states":{"initial":{"on":"a","goto":null,"__proto__":{"goto":"x"}}}}');
    expect(() => normalizeScenario(hostile)).toThrow("Key '__proto__' is not allowed, at /states/initial/__proto__");
    const cyclic: Record<string, unknown> = { ...MINIMAL };
    cyclic.self = cyclic;
    expect(() => normalizeScenario(cyclic)).toThrow(expect.objectContaining({ limit: 'documentDepth' }));
  });

  it('given a short document that would grow large, refuses it', () => {
    const many = <T>(make: (i: number) => T) => Array.from({ length: 2_000 }, (_, i) => make(i));
    const transitions = many((i) => ({ on: `a${i}`, goto: null }));
    const actors = Object.fromEntries(many((i) => [`actor_${i}`, null]));
    const states = Object.fromEntries(many((i) => [`s${i}`, { transitions: [] }]));
    const tooLarge = expect.objectContaining({ name: 'LimitExceeded', limit: 'documentLength' });
    expect(() => normalizeScenario({ actors, states: { initial: { transitions } } })).toThrow(tooLarge);
    expect(() => normalizeScenario({ states: { ...states, '*': { transitions } } })).toThrow(tooLarge);
  });

  it('takes names that every object inherits as names', () => {
    const scenario = withStates({ initial: { on: 'toString', goto: 'valueOf' }, valueOf: { after: 1, goto: null } });
    expect(Object.keys(scenario.actions)).toEqual(['initial.toString']);
  });
});

describe('what the reference gets wrong', () => {
  it('a state declared as null is an end state', () => {
    const { states } = withStates({ initial: { on: 'go', goto: '(done)' }, '(done)': null });
    expect(states['(done)']).toMatchObject({ title: '(done)', tag: ['(done)'] });
  });

  it('a state-specific action needs no general one', () => {
    const { actions } = normalizeScenario({
      actions: { 'initial.go': { title: 'Go' } },
      states: { initial: { on: 'go', goto: '(done)' } },
    });
    expect(Object.keys(actions)).toEqual(['initial.go']);
    expect(actions['initial.go']).toMatchObject({ title: 'Go', actor: ['*'] });
  });

  it('the wildcard state neither revives end states nor tags the others', () => {
    const scenario = withStates({
      '*': { on: 'cancel', goto: '(cancelled)', instructions: { actor: 'Hurry' } },
      initial: { on: 'go', goto: '(done)' },
      '(done)': { title: 'Done' },
    });
    expect(transitionsOf(scenario, 'initial')).toMatchObject([{ on: 'go' }, { on: 'cancel' }]);
    expect(scenario.states['(done)']).toMatchObject({ tag: ['(done)'], instructions: { actor: 'Hurry' } });
    expect(scenario.states['(done)']).not.toHaveProperty('transitions');

    const tagged = withStates({ '*': { notify: 'logger', tag: 'odd' }, initial: { on: 'go', goto: '(done)' } });
    expect(tagged.states.initial).not.toHaveProperty('tag');
    expect(tagged.states.initial).toMatchObject({ notify: [{ service: 'logger' }] });
  });

  it('a service that only an action names is notified', () => {
    const notifyOf = (state: object, actions: object) =>
      normalizeScenario({ actions, states: { initial: state } }).states.initial?.notify;
    const action = { actor: 'service:mail' };
    const entry = (trigger: string | null) => [{ service: 'mail', after: 0, if: true, trigger }];

    expect(notifyOf({ on: 'send', goto: null }, { send: action })).toEqual(entry('send'));
    expect(notifyOf({ on: 'send', goto: null }, { send: {}, 'initial.send': action })).toEqual(entry('send'));
    expect(notifyOf({ on: 'send', by: ['*', 'service:mail'], goto: null }, {})).toEqual(entry('send'));
    const twice = { transitions: ['send', 'resend'].map((on) => ({ on, goto: null })) };
    expect(notifyOf(twice, { send: action, resend: action })).toEqual(entry(null));
    expect(notifyOf({ on: 'send', by: 'actor', goto: null }, { send: action })).toEqual([]);
  });

  it('constants of null and lists have their own type', () => {
    expect(withVars({ a: { const: null }, b: { const: [1] }, c: { enum: [null, 1] } })).toMatchObject({
      a: { type: 'null' },
      b: { type: 'array' },
      c: { type: ['null', 'number'] },
    });
  });

  it('schemas can be null or boolean', () => {
    expect(withVars({ a: null, b: true, c: { properties: { x: true, y: null } } })).toMatchObject({
      a: { title: 'a' },
      b: true,
      c: { properties: { x: true, y: {} } },
    });
  });

  it('`required: true` marks a property, as the documentation has it', () => {
    const { a } = withVars({ a: { properties: { x: { type: 'string', required: true }, y: { required: false } } } });
    expect(a).toMatchObject({ properties: { x: { type: 'string' }, y: {} }, required: ['x'] });
  });
});

describe('what the reference does in odd ways, and ids depend on', () => {
  it('a value of null is the response; only whole instructions count', () => {
    const { actions } = normalizeScenario({
      actions: { a: { update: { set: 'vars.x', value: null, stub: null, mode: null, if: null, other: 1 } } },
      states: {},
    });
    expect(actions.a?.update).toEqual([
      { set: 'vars.x', value: { '<ref>': 'current.response' }, stub: null, mode: 'replace', if: true },
    ]);
  });

  it('`log` and `if` of a simple state stay behind in the state', () => {
    const { states } = withStates({ initial: { on: 'a', goto: null, log: { title: 'A' }, if: false } });
    expect(states.initial).toMatchObject({ log: { title: 'A' }, if: false, transitions: [{ if: true }] });
  });

  it('an actor’s own schema for id, title and role gives way', () => {
    const { actors } = normalizeScenario({
      ...MINIMAL,
      actors: { a: { properties: { id: { format: 'uuid', '!required': true } } } },
    });
    expect(actors.a).toMatchObject({ properties: { id: { type: 'string' } } });
    expect(actors.a).not.toHaveProperty('required');
  });

  it('a null trigger stays null when a wildcard state brings the action later', () => {
    const once = withStates({
      '*': { on: 'cancel', by: 'service:mail', goto: '(gone)' },
      initial: { on: 'go', goto: null, notify: 'mail' },
    });
    expect(once.states.initial?.notify).toMatchObject([{ trigger: null }]);
    expect(normalizeScenario(once)).toEqual(once);
  });

  it('an object by shorthand stays open, and stays so', () => {
    const once = withVars({ a: { properties: { open: 'object', sealed: { type: 'object' } } } });
    expect(once.a).toMatchObject({
      properties: { open: { type: 'object' }, sealed: { type: 'object', additionalProperties: false } },
    });
    const scenario = normalizeScenario({ ...MINIMAL, vars: { a: { items: 'object' } } });
    expect(normalizeScenario(scenario)).toEqual(scenario);
  });
});

describe('normalize', () => {
  it('tells by $schema what a document is', () => {
    const schema = { properties: { a: { '!required': true, type: 'string' } } };
    const normalized = { properties: { a: { type: 'string' } }, required: ['a'], type: 'object' };
    expect(normalize(schema, SIMPLIFIED_SCHEMA)).toMatchObject({ ...normalized, $schema: JSON_SCHEMA });
    expect(normalize({ ...schema, $schema: SIMPLIFIED_SCHEMA })).toMatchObject({
      ...normalized,
      $schema: SIMPLIFIED_SCHEMA,
    });
    expect(normalize({ ...schema, $schema: JSON_SCHEMA })).toEqual({ ...schema, $schema: JSON_SCHEMA });
    expect(normalize(MINIMAL)).toEqual(normalizeScenario(MINIMAL));
  });
});
