import { describe, expect, it } from 'vitest';

import { normalizeScenario } from '../normalize/index.js';
import { schemaRegistry } from '../schema/index.js';
import { compile, declared, namesActor } from './index.js';

const ref = (expression: string) => ({ '<ref>': expression });
const compiled = (scenario: object) => compile(normalizeScenario(scenario));
const oneState = { states: { initial: { on: 'go', goto: '(done)' } } };

describe('compile', () => {
  it('gives the scenario the id of its content, or keeps its own', () => {
    const id = '0c3a1d2e-6b4f-4d0a-9f6b-0d4f6f3b2a10';

    const complete = { states: { initial: { on: 'complete', goto: '(done)' } } };

    expect(compiled(complete)).toMatchObject({
      id: '57ad0e5b-9c5a-57f2-83da-f895a91ff3d8',
      document: { id: '57ad0e5b-9c5a-57f2-83da-f895a91ff3d8' },
    });
    expect(compiled({ ...oneState, id })).toMatchObject({ id, document: { id } });
  });

  it('finds the action a name means in a state', () => {
    const scenario = compiled({
      actions: { go: { title: 'Anywhere' }, 'b.go': { title: 'In b' } },
      states: { initial: { on: 'go', goto: 'b' }, b: { on: 'go', goto: '(done)' } },
    });
    const title = (state: string, action: string) => scenario.action(state, action)?.content.evaluate({});

    expect(title('initial', 'go')).toMatchObject({ title: 'Anywhere' });
    expect(title('b', 'go')).toMatchObject({ title: 'In b' });
    expect(scenario.action('b', 'constructor')).toBeUndefined();
  });

  it('sorts timeouts by their time, then by their place', () => {
    const transitions = [
      { after: 30, goto: 'a' },
      { after: 10, goto: 'b' },
      { on: 'go', goto: 'c' },
      { after: 10, goto: 'd' },
    ];
    const state = compiled({ states: { initial: { transitions } } }).states.get('initial');

    expect(state?.timeouts.map(({ index }) => index)).toEqual([1, 3, 0]);
    expect([...(state?.onAction.keys() ?? [])]).toEqual(['go']);
  });

  it('shows notify entries whose condition holds, without condition and trigger', () => {
    const notify = [
      { service: 'a', after: 5 },
      { service: 'b', if: false },
      { service: 'c', if: ref('vars.x') },
    ];
    const state = compiled({ states: { initial: { notify, on: 'go', goto: '(done)' } } }).states.get('initial');

    expect(state?.content({ vars: { x: true } }).notify).toEqual([
      { service: 'a', after: 5 },
      { service: 'c', after: 0 },
    ]);
  });

  it('does not fail for schemas and expressions that are broken, until they are used', () => {
    const broken = compiled({ ...oneState, vars: { v: { type: 'strange' } }, actions: { go: { if: ref('[') } } });

    expect(() => broken.vars.get('v')?.validate(1)).toThrow(expect.objectContaining({ code: 'invalid-schema' }));
    expect(() => broken.action('initial', 'go')?.condition.evaluate({})).toThrow('Failed to evaluate JMESPath');
  });

  it('compiles a schema once, be it declared or computed', () => {
    const scenario = compiled({ ...oneState, actions: { go: { response: { type: 'string' } } } });
    const schema = scenario.document.actions.go?.response as object;

    expect(scenario.schemaOf(schema)).toBe(scenario.schemaOf(schema));
    expect(scenario.schemaOf({ type: 'integer' })).toBe(scenario.schemaOf({ type: 'integer' }));
    expect(scenario.schemaOf({ type: 'integer' }).validate('x')).toHaveLength(1);
  });

  it('resolves references from the registry', () => {
    const schemas = schemaRegistry({ 'schema:age': { type: 'integer', default: 18 } });
    const scenario = compile(normalizeScenario({ ...oneState, vars: { age: { $ref: 'schema:age' } } }), { schemas });

    expect(scenario.vars.get('age')?.defaultValue).toBe(18);
    expect(scenario.vars.get('age')?.validate('x')).toMatchObject([{ message: 'must be integer' }]);
  });
});

describe('what a scenario reads', () => {
  it.each([
    ['nothing of the past', { title: ref('vars.x') }, false],
    ['the log', { title: ref('previous[-1].title') }, true],
    ['the events', { title: { '<tpl>': '{{ events.length }}' } }, true],
    ['everything', { title: ref('keys(@)') }, true],
  ])('given a state that reads %s', (_, extra, expected) => {
    expect(compiled({ states: { initial: { ...extra, on: 'go', goto: '(done)' } } }).readsHistory).toBe(expected);
  });

  it.each([
    ['sets the log', 'previous', true],
    ['sets a variable', 'vars.x', false],
    ['sets what an expression says', ref('vars.path'), true],
    ['sets a variable that a template names', { '<tpl>': 'vars.{{ vars.name }}' }, false],
    ['sets what a template says', { '<tpl>': '{{ vars.path }}' }, true],
  ])('given an update that %s', (_, set, expected) => {
    expect(compiled({ ...oneState, actions: { go: { update: { set, value: 1 } } } }).readsHistory).toBe(expected);
  });
});

describe('what a scenario can do', () => {
  it('lists actors, services, actions and timers with their states', () => {
    const { abilities } = compiled({
      actors: { client: {}, 'guest_*': {} },
      actions: { print: { actor: ['client', 'service:pdf'] } },
      states: {
        initial: {
          notify: 'mail',
          transitions: [
            { on: 'print', by: 'client', goto: 'next' },
            { on: 'print', by: ['client', 'guest_*'], goto: null },
            { after: '1 hour', goto: '(late)' },
          ],
        },
        next: { on: 'sign', by: 'service:notary', goto: '(done)' },
      },
    });

    expect(abilities.actors).toEqual(['client', 'guest_*']);
    expect(abilities.services.toSorted()).toEqual(['mail', 'notary', 'pdf']);
    expect(abilities.actions).toEqual([
      { state: 'initial', action: 'print', by: ['client', 'guest_*'] },
      { state: 'next', action: 'sign', by: ['service:notary'] },
    ]);
    expect(abilities.timers).toEqual([{ state: 'initial', after: 3600, goto: '(late)' }]);
  });
});

describe('actor references', () => {
  it('find what is declared for a key or its wildcard', () => {
    const declarations = new Map([
      ['p_*', 'any'],
      ['p_1', 'first'],
    ]);

    expect(['p_1', 'p_22', 'p_x', 'toString'].map((key) => declared(declarations, key))).toEqual([
      'first',
      'any',
      undefined,
      undefined,
    ]);
  });

  it.each([
    [['*'], 'service:s', true],
    [['p_*'], 'p_3', true],
    [['p_*'], 'p', false],
    [['a', 'b'], 'b', true],
    [[], 'a', false],
  ])('%j names %s: %s', (references, key, expected) => {
    expect(namesActor(references, key)).toBe(expected);
  });
});
