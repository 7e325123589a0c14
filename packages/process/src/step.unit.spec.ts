import { describe, expect, it } from 'vitest';

import { act, acted, errorsOf, eventsOf, logOf, ref, START, started } from '../test/process-builder.js';
import { ProcessError, step, toDocument } from './index.js';

describe('step', () => {
  it('given several rules broken at once, names all of them in order', () => {
    const process = started({
      actors: { maker: { role: 'maker' }, checker: { role: 'checker' } },
      actions: { make: { actor: 'maker', if: false, response: 'string' } },
      states: { initial: { on: 'make', goto: 'made' }, made: { on: 'make', goto: '(done)' } },
    });

    expect(errorsOf(act(process, 'make', { key: 'checker', id: 'u', roles: ['maker'] }, 5))).toEqual([
      "User is not allowed to perform as actor 'checker'",
      "Actor 'checker' is not allowed to perform action 'make'",
      "Action 'make' is not allowed due to if condition",
      'Response is invalid: data must be string',
    ]);
  });

  it('given nobody by that name, says so', () => {
    const process = started({ states: { initial: { on: 'go', goto: '(done)' } } });

    expect(errorsOf(act(process, 'fly', 'ghost'))).toEqual([
      "Action 'fly' is not allowed in state 'initial'",
      "Actor 'ghost' is not defined in the scenario",
    ]);
    expect(errorsOf(act(process, 'go', 'constructor'))).toEqual(["Actor 'constructor' is not defined in the scenario"]);
  });

  it('given an actor assigned to nobody, refuses every user', () => {
    const process = started({ actors: { a: {} }, states: { initial: { on: 'go', goto: '(done)' } } });

    expect(errorsOf(act(process, 'go', { key: 'a', roles: [] }))).toEqual([
      "Actor 'a' is not assigned to a user or role",
    ]);
    expect(errorsOf(act(process, 'go', { key: 'a', id: null }))).toBeUndefined();
  });

  it('given a process that ended, records the refusal', () => {
    const ended = acted(started({ states: { initial: { on: 'go', goto: '(done)' } } }), 'go');
    const late = act(ended, 'go');

    expect(errorsOf(late)).toEqual(["Action 'go' is not allowed in state '(done)'"]);
    expect(eventsOf(late.process)).toHaveLength(3);
    expect(late.process.current).toBe(ended.current);
  });

  it('given an explicit action and a service named by the transition, lets the service act', () => {
    const process = started({
      actions: { render: {} },
      states: { initial: { on: 'render', by: 'service:pdf', goto: '(done)' } },
    });

    expect(process.current.actions[0]?.actor).toEqual(['service:pdf']);
    expect(errorsOf(act(process, 'render', 'service:pdf'))).toBeUndefined();
    expect(errorsOf(act(process, 'render', 'service:other'))).toEqual([
      "Service 'other' is not allowed to perform action 'render'",
    ]);
  });

  it('given actors that an expression yields in odd forms, uses what is a reference', () => {
    const process = started({
      actors: { a: {}, b: {} },
      vars: { who: { default: ['b', null] } },
      actions: { go: { actor: [ref('vars.nobody'), ref('vars.who'), 'a'] } },
      states: { initial: { on: 'go', goto: '(done)' } },
    });

    expect(process.current.actions[0]?.actor).toEqual(['b', 'a']);
  });

  it('given unknown keywords and formats in a response schema, ignores them', () => {
    const response = { type: 'string', 'ui:widget': 'text', format: 'phone', min: 3 };
    const process = started({ actions: { go: { response } }, states: { initial: { on: 'go', goto: '(done)' } } });

    expect(errorsOf(act(process, 'go', 'actor', 'x'))).toBeUndefined();
  });

  it('given a response schema with an id, uses it again and again', () => {
    let process = started({
      actions: { go: { response: { $id: 'https://example.com/r', type: 'string' } } },
      states: { initial: { on: 'go', goto: null } },
    });
    for (let i = 0; i < 3; i++) process = acted(process, 'go', 'actor', 'x');

    expect(errorsOf(act(process, 'go', 'actor', 1))).toEqual(['Response is invalid: data must be string']);
  });

  it('given null as response, takes the default and records null', () => {
    const process = started({
      actions: { go: { response: { type: 'integer', default: 5 }, update: 'result' } },
      states: { initial: { on: 'go', goto: '(done)' } },
    });

    expect(acted(process, 'go', 'actor', null).result).toBe(5);
    expect(eventsOf(acted(process, 'go', 'actor', null)).at(-1)).toHaveProperty('response', null);
    expect(eventsOf(acted(process, 'go')).at(-1)).not.toHaveProperty('response');
  });

  it.each([
    ['an expression that fails', { set: 'result', value: ref('abs(`"x"`)') }, 'expression-failed'],
    ['an expression that does not parse', { set: 'result', value: ref('vars.[') }, 'expression-failed'],
    ['a path that may not be set', { set: 'current.key', value: 1 }, 'path-not-allowed'],
    ['a path to the prototype', { set: 'vars.__proto__.x', value: 1 }, 'path-not-allowed'],
    ['an item far beyond the end', { set: 'result.999999999', value: 1 }, 'invalid-value'],
    ['a process without actors', { set: 'actors', value: 5 }, 'invalid-value'],
    ['a log that is no list', { set: 'previous', value: 'gone' }, 'invalid-value'],
  ])('given %s, throws and records nothing', (_, update, code) => {
    const process = started({ actions: { go: { update } }, states: { initial: { on: 'go', goto: '(done)' } } });
    const before = JSON.stringify(toDocument(process));

    expect(() => act(process, 'go')).toThrow(expect.objectContaining({ name: 'ProcessError', code }));
    expect(JSON.stringify(toDocument(process))).toBe(before);
  });

  it('given a transition to a state that is not there, throws', () => {
    const process = started({ states: { initial: { on: 'go', goto: 'nowhere' } } });

    expect(() => act(process, 'go')).toThrow(
      new ProcessError('not-in-scenario', "State 'nowhere' not found in scenario"),
    );
  });

  it('given a response nested beyond every bound, throws instead of crashing', () => {
    const process = started({ states: { initial: { on: 'go', goto: '(done)' } } });
    let deep: unknown = 1;
    for (let i = 0; i < 20_000; i++) deep = [deep];

    expect(() => act(process, 'go', 'actor', deep)).toThrow(expect.objectContaining({ code: 'limit-exceeded' }));
  });

  it('given a time that is no timestamp, throws', () => {
    const process = started({ states: { initial: { on: 'go', goto: '(done)' } } });

    for (const now of ['2026-01-01', '2026-01-01T00:00:00Z', '2026-13-01T00:00:00.000Z', 'now']) {
      expect(() => step(process, { action: 'go', now })).toThrow(expect.objectContaining({ code: 'invalid-value' }));
    }
  });

  it('given goto null, evaluates the state anew without entering it', () => {
    const process = started({
      vars: { n: { type: 'integer', default: 0 } },
      actions: { count: { update: { set: 'vars.n', value: ref('vars.n + 1') } } },
      states: {
        initial: {
          title: { '<tpl>': '{{ vars.n }}' },
          transitions: [
            { on: 'count', goto: null },
            { on: null, if: ref('vars.n > 0'), goto: 'x' },
          ],
        },
        x: { on: 'count', goto: '(done)' },
      },
    });
    const change = act(process, 'count');

    expect(change).toMatchObject({
      entered: false,
      process: { current: { title: '1', timestamp: START, key: 'initial' } },
    });
  });

  it('given a state that leads back to itself, enters it', () => {
    const process = started({ states: { initial: { on: 'beat', goto: 'initial' } } });

    expect(act(process, 'beat')).toMatchObject({
      entered: true,
      process: { current: { timestamp: '2026-01-01T00:00:01.000Z' } },
    });
  });
});

describe('automatic transitions', () => {
  it('given several, follows them in one event and logs each that says so', () => {
    const process = started({
      states: {
        initial: { on: 'go', goto: 'a' },
        a: { transitions: [{ on: null, goto: 'b', log: { title: 'Passing a' } }] },
        b: {
          transitions: [
            { on: null, if: false, goto: 'a' },
            { on: null, goto: '(done)', log: false },
          ],
        },
      },
    });
    const done = acted(process, 'go');

    expect(done).toMatchObject({ isRunning: false, tags: ['(done)'], head: { count: 2 } });
    expect(logOf(done).map(({ title }) => title)).toEqual(['go', 'Passing a']);
  });

  it('given a ring, refuses the step that leads into it', () => {
    const process = started({
      states: { initial: { on: 'go', goto: 'a' }, a: { on: null, goto: 'b' }, b: { on: null, goto: 'a' } },
    });

    expect(errorsOf(act(process, 'go'))).toEqual(["Automatic transitions do not come to rest in state 'a'"]);
  });

  it('given a ring at the start, throws', () => {
    expect(() => started({ states: { initial: { on: null, goto: 'b' }, b: { on: null, goto: 'initial' } } })).toThrow(
      expect.objectContaining({
        code: 'endless-transitions',
        message: "Automatic transitions do not come to rest in state 'initial'",
      }),
    );
  });
});

describe('validation of the process after a step', () => {
  const scenario = (update: object | object[], extra: object = {}) =>
    started({
      actors: { a: { role: ['x', 'y'], properties: { n: 'integer' } }, 'p_*': {} },
      vars: { v: 'string' },
      result: 'string',
      ...extra,
      actions: { go: { update } },
      states: { initial: { on: 'go', goto: null } },
    });
  const refusal = (update: object | object[], extra?: object) => errorsOf(act(scenario(update, extra), 'go', 'a'));

  it.each([
    ['title', { set: 'title', value: 5 }, 'Title is invalid: must be a string'],
    ['tags', { set: 'tags', value: [1] }, 'Tags are invalid: must be a list of strings'],
    ['actor', { set: 'actors.a.n', value: 'many' }, "Actor 'a' is invalid: data/n must be integer"],
    ['role', { set: 'actors.a.role', value: 'z' }, "Role of actor 'a' must not be changed"],
    ['undeclared actor', { set: 'actors.ghost', value: {} }, "Actor 'ghost' is not defined in the scenario"],
    ['variable', { set: 'vars.v', value: 5 }, "Variable 'v' is invalid: data must be string"],
    ['undeclared variable', { set: 'vars.nope', value: 5 }, "Variable 'nope' is not defined in the scenario"],
    ['result', { set: 'result', value: { a: 1 } }, 'Result is invalid: data must be string'],
    ['falsy result', { set: 'result', value: 0 }, 'Result is invalid: data must be string'],
  ])('given an invalid %s, refuses the step', (_, update, error) => {
    expect(refusal(update)).toEqual([error]);
  });

  it('given an actor that is gone, refuses the step', () => {
    expect(refusal({ set: 'actors', value: { p_1: {} } })).toEqual(["Actor 'a' is missing"]);
  });

  it('given roles in another order, finds them the same and leaves the order alone', () => {
    const process = scenario({ set: 'actors.a.role', value: ['y', 'x'] });
    const after = acted(process, 'go', 'a');

    expect(after.actors.a?.role).toEqual(['y', 'x']);
    expect(after.scenario.document.actors.a?.role).toEqual(['x', 'y']);
  });

  it('given null as result, finds it valid', () => {
    expect(refusal({ set: 'result', value: ref('`null`') })).toBeUndefined();
  });

  it('given no transition that fits, says so after the other errors and takes nothing over', () => {
    const process = started({
      vars: { n: { type: 'integer', default: 1, maximum: 1 } },
      actions: { go: { update: { set: 'vars.n', value: 2 } } },
      states: { initial: { transitions: [{ on: 'go', if: ref('vars.n < `2`'), goto: '(done)' }] } },
    });
    const change = act(process, 'go');

    expect(errorsOf(change)).toEqual([
      "Variable 'n' is invalid: data must be <= 1",
      "No transition found for action 'go' in state 'initial' for actor actor",
    ]);
    expect(change.process.vars).toEqual({ n: 1 });
  });
});
