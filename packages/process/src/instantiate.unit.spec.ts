import { describe, expect, it } from 'vitest';

import { compiled, errorsOf, PROCESS_ID, START, started } from '../test/process-builder.js';
import { instantiate, replay, toDocument, verify } from './index.js';

const scenario = compiled({
  actors: { boss: { role: 'chief' }, 'member_*': { title: 'Member', properties: { age: 'integer' } } },
  states: { initial: { on: 'go', by: ['boss', 'member_*'], goto: '(done)' } },
});

const start = (actors: Record<string, Record<string, unknown>>) =>
  instantiate(scenario, { id: PROCESS_ID, now: START, actors });

describe('instantiate', () => {
  it('given what is known of the actors, gives it to them', () => {
    const { process, event } = start({ boss: { id: 'u1', role: 'impostor' }, member_2: { age: 30 } });

    expect(process.actors).toEqual({
      boss: { title: 'boss', id: 'u1', role: 'chief' },
      member_2: { title: 'Member 2', age: 30 },
    });
    expect(process.current.actions[0]?.actor).toEqual(['boss', 'member_2']);
    expect(verify({ events: [event] }).valid).toBe(true);
    expect(toDocument(replay(scenario, [event]))).toEqual(toDocument(process));
  });

  it.each([
    [{ ghost: {} }, "Actor 'ghost' not found in scenario"],
    [{ 'member_*': {} }, "Actor 'member_*' not found in scenario"],
    [{ member_1: { age: 'old' } }, "Actor 'member_1' is invalid: data/age must be integer"],
    [{ boss: { hobby: 'golf' } }, "Actor 'boss' is invalid: data must NOT have additional properties"],
  ])('given actors %j that do not fit, throws', (actors, message) => {
    expect(() => start(actors)).toThrow(expect.objectContaining({ name: 'ProcessError', message }));
  });

  it('given variables and tags, starts with them in place of the defaults, and replays', () => {
    const counted = compiled({
      tags: ['count'],
      vars: { n: { type: 'integer', default: 1 }, kept: { type: 'string', default: 'as it was' } },
      states: { initial: { on: 'go', goto: '(done)' } },
    });
    const { process, event } = instantiate(counted, {
      id: PROCESS_ID,
      now: START,
      vars: { n: 5 },
      tags: ['case:7'],
    });

    expect(process).toMatchObject({ vars: { n: 5, kept: 'as it was' }, tags: ['count', 'case:7'] });
    expect(verify({ events: [event] }).valid).toBe(true);
    expect(toDocument(replay(counted, [event]))).toEqual(toDocument(process));
  });

  it.each([
    [{ ghost: 1 }, "Variable 'ghost' is not defined in the scenario"],
    [{ n: 'many' }, "Variable 'n' is invalid: data must be integer"],
  ])('given variables %j that do not fit, throws', (vars, message) => {
    const counted = compiled({ vars: { n: 'integer' }, states: { initial: { on: 'go', goto: '(done)' } } });
    const start = () => instantiate(counted, { id: PROCESS_ID, now: START, vars });

    expect(start).toThrow(expect.objectContaining({ name: 'ProcessError', message }));
  });

  it('given a start action, performs it at once', () => {
    const request = { id: PROCESS_ID, now: START, start: { action: 'go', actor: 'boss' } };

    expect(instantiate(scenario, request).start?.process.isRunning).toBe(false);
  });

  it('given a start action that is not allowed, says why', () => {
    const request = { id: PROCESS_ID, now: START, start: { action: 'stop', actor: 'boss' } };
    const { start: refused } = instantiate(scenario, request);

    expect(refused && errorsOf(refused)).toEqual(["Action 'stop' is not allowed in state 'initial'"]);
  });

  it('given an initial state that is an end, ends', () => {
    expect(started({ states: { initial: { title: 'Nothing to do' } } })).toMatchObject({
      isRunning: false,
      tags: ['initial'],
    });
  });

  it('given a recursive schema, starts with the defaults there are', () => {
    const tree = { properties: { child: { $ref: '#' }, name: { type: 'string', default: 'leaf' } } };

    expect(started({ vars: { tree }, states: { initial: { on: 'go', goto: '(done)' } } }).vars).toEqual({
      tree: { name: 'leaf' },
    });
  });

  it('given automatic transitions out of the initial state, follows them', () => {
    const process = started({ states: { initial: { on: null, goto: 'a' }, a: { on: 'go', goto: '(done)' } } });

    expect(process).toMatchObject({ head: { count: 1 }, current: { key: 'a' } });
  });
});
