import { describe, expect, it } from 'vitest';

import { ref, started } from '../test/process-builder.js';
import { predict, toDocument } from './index.js';

const keys = (scenario: object) => predict(started(scenario)).map(({ key }) => key);

describe('predict', () => {
  it('follows the first action that somebody can do, to the end', () => {
    const scenario = {
      actors: { admin: {}, client: {} },
      actions: { no: { actor: 'admin' } },
      states: {
        initial: {
          transitions: [
            { on: 'no', by: 'client', goto: '(failed)' },
            { on: 'yes', goto: 'next' },
          ],
        },
        next: { on: 'yes', goto: '(done)' },
      },
    };

    expect(keys(scenario)).toEqual(['next', '(done)']);
  });

  it('given a loop, stops when it closes', () => {
    const scenario = {
      states: { initial: { on: 'n', goto: 'a' }, a: { on: 'n', goto: 'b' }, b: { on: 'n', goto: 'a' } },
    };

    expect(keys(scenario)).toEqual(['a', 'b', 'a']);
  });

  it('given only timeouts, lets the first run out', () => {
    expect(keys({ states: { initial: { after: 60, goto: 'late' }, late: { on: 'go', goto: '(done)' } } })).toEqual([
      'late',
      '(done)',
    ]);
  });

  it('given actions that nobody can do, falls back to timeouts', () => {
    const transitions = [
      { on: 'x', if: false, goto: '(a)' },
      { after: 10, goto: '(b)' },
    ];

    expect(keys({ states: { initial: { transitions } } })).toEqual(['(b)']);
  });

  it('given a reminder before a deadline, goes on to the deadline', () => {
    const transitions = [
      { after: 10, goto: null },
      { after: 20, goto: '(late)' },
    ];

    expect(keys({ states: { initial: { transitions } } })).toEqual(['(late)']);
  });

  it('given wildcard actors and services, tries them', () => {
    const scenario = {
      actors: { host: {}, 'p_*': {} },
      actions: {
        add: { actor: 'host', update: { set: 'actors', mode: 'merge', value: { p_1: {} } } },
        send: { actor: 'service:mail' },
      },
      states: {
        initial: { on: 'add', goto: 'second' },
        second: { on: 'go', by: 'p_*', goto: 'third' },
        third: { on: 'send', goto: '(done)' },
      },
    };

    expect(keys(scenario)).toEqual(['second', 'third', '(done)']);
  });

  it('uses stubs, validates nothing, and lets expressions know', () => {
    const scenario = {
      vars: { age: { type: 'integer', minimum: 18 } },
      actions: {
        register: {
          response: { properties: { age: 'integer' }, required: ['age'] },
          update: { set: 'vars.age', value: ref('current.response.age'), stub: 5 },
        },
      },
      states: {
        initial: { on: 'register', goto: 'next' },
        next: { title: { '<tpl>': '{{ vars.age }} {{ is_prediction }}' }, on: 'register', goto: '(done)' },
      },
    };
    const process = started(scenario);

    expect(predict(process)[0]).toMatchObject({ title: '5 true' });
    expect(toDocument(process)).not.toHaveProperty('is_prediction');
  });

  it('given an update that would leave an actor null, goes on with the others', () => {
    const scenario = {
      actors: { a: {}, b: {} },
      actions: { set: { update: { set: 'actors.a' } } },
      states: {
        initial: { on: 'set', goto: 'next' },
        next: {
          transitions: [
            { on: 'x', by: 'a', goto: '(a)' },
            { on: 'y', by: 'b', goto: '(b)' },
          ],
        },
      },
    };

    expect(keys(scenario)).toEqual(['next', '(b)']);
  });

  it('leaves out when a state is entered and who is told', () => {
    const [state] = predict(started({ states: { initial: { on: 'go', goto: '(done)' } } }));

    expect(state).not.toHaveProperty('timestamp');
    expect(state).not.toHaveProperty('notify');
  });

  it('given a process that never repeats, gives up', () => {
    const scenario = {
      vars: { n: { type: 'integer', default: 0 } },
      actions: { next: { update: { set: 'vars.n', value: ref('vars.n + 1') } } },
      states: { initial: { on: 'next', goto: 'initial' } },
    };

    expect(() => predict(started(scenario), { max: 10 })).toThrow('Max iterations reached');
  });

  it('given a process that ended, predicts nothing', () => {
    expect(predict(started({ states: { initial: {} } }))).toEqual([]);
  });
});
