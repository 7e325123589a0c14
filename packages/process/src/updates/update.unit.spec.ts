import { describe, expect, it } from 'vitest';

import { act, acted, errorsOf, logOf, ref, started } from '../../test/process-builder.js';

const anything = { type: 'object', additionalProperties: true };

/** @returns the process after one step that carries out the instructions. */
function updated(update: object | string | (object | string)[], extra: object = {}, response?: unknown) {
  const process = started({
    vars: { o: anything, list: { default: ['a', 'b'] } },
    ...extra,
    actions: { go: { update } },
    states: { initial: { on: 'go', goto: null } },
  });
  const [actor = 'actor'] = Object.keys(process.actors);
  return acted(process, 'go', actor, response);
}

describe('where an update writes', () => {
  it.each([
    ['a member', 'vars.o.a.b', { o: { a: { b: 1 } }, list: ['a', 'b'] }],
    ['an item by dot', 'vars.list.1', { list: ['a', 1] }],
    ['an item by bracket', 'vars.list[1]', { list: ['a', 1] }],
    ['an item beyond the end', 'vars.list[3]', { list: ['a', 'b', null, 1] }],
    ['items of new lists', 'vars.o.m[0].0', { o: { m: [[1]] }, list: ['a', 'b'] }],
    ['a name with a dot', 'vars.o.a\\.b', { o: { 'a.b': 1 }, list: ['a', 'b'] }],
    ['a name with a slash', 'vars.o.a/b', { o: { 'a/b': 1 }, list: ['a', 'b'] }],
  ])('given %s, sets just that', (_, set, vars) => {
    expect(updated({ set, value: 1 }).vars).toEqual(vars);
  });

  it.each([
    'titles',
    'title.sub',
    'vars_previous',
    'scenario.previous',
    'previous.0',
    'tags.0',
    'current.response',
    'id',
  ])('given %s, is not allowed', (set) => {
    expect(() => updated({ set, value: 1 })).toThrow(`Not allowed to set '${set}' through update instructions`);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('given %s as a segment, is not safe', (segment) => {
    expect(() => updated({ set: `vars.o.${segment}.x`, value: 1 })).toThrow(`Cannot set unsafe key: "${segment}"`);
    const set = { '<tpl>': 'vars.o.{{ current.response }}' };
    expect(() => updated({ set, value: 1 }, {}, segment)).toThrow(`Cannot set unsafe key: "${segment}"`);
  });

  it('given tags, sets them', () => {
    expect(updated({ set: 'tags', mode: 'append', value: 'new' }, { tags: ['old'] }).tags).toEqual(['old', 'new']);
  });

  it.each([
    ['more than 100', Array.from({ length: 101 }, (_, n) => `t${n}`), 'must not be more than 100'],
    ['an empty one', [''], 'must have 1 to 300 characters each'],
    ['a long one', ['x'.repeat(301)], 'must have 1 to 300 characters each'],
    ['unprintable ones', ['a\u0000'], 'must not have control characters'],
    ['a text', 'new', 'must be a list of strings'],
  ])('given tags of which there are %s, refuses the step and keeps the old ones', (_, value, problem) => {
    const process = started({
      tags: ['old'],
      actions: { go: { update: 'tags' } },
      states: { initial: { on: 'go', goto: null } },
    });
    const change = act(process, 'go', 'actor', value);
    expect(errorsOf(change)).toEqual([`Tags are invalid: ${problem}`]);
    expect(change.process.tags).toEqual(['old']);
  });

  it('given tags of the scenario beyond what updates may make of them, leaves them alone', () => {
    const tags = Array.from({ length: 101 }, (_, n) => `t${n}`);
    expect(updated({ set: 'vars.o', value: {} }, { tags }).tags).toEqual(tags);
  });

  it('given the log, rewrites it', () => {
    expect(logOf(updated({ set: 'previous', value: [{ title: 'Once' }] })).map(({ title }) => title)).toEqual([
      'Once',
      'go',
    ]);
  });

  it('given members of the response that every object inherits, makes them members like any other', () => {
    const response = JSON.parse('{"__proto__": {"polluted": true}, "toString": 1}') as object;
    const { vars } = updated(
      [
        { set: 'vars.o', mode: 'merge' },
        { set: 'vars.o.more', value: 1 },
      ],
      {},
      response,
    );

    expect(JSON.stringify(vars.o)).toBe('{"__proto__":{"polluted":true},"toString":1,"more":1}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('how an update combines', () => {
  it.each([
    ['append to a list', 'append', ['a'], 'b', ['a', 'b']],
    ['append to nothing', 'append', undefined, 'b', ['b']],
    ['append to something else', 'append', 'a', 'b', ['b']],
    ['merge lists', 'merge', ['a'], ['b'], ['a', 'b']],
    ['merge objects', 'merge', { a: 1, b: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ['merge a list into null', 'merge', null, ['b'], ['b']],
    ['merge a list into an object', 'merge', { a: 1 }, ['b'], ['b']],
    ['merge an object into a list', 'merge', ['a'], { b: 2 }, { b: 2 }],
    ['merge nothing into an object', 'merge', { a: 1 }, null, { a: 1 }],
    ['merge a scalar', 'merge', { a: 1 }, 5, 5],
    ['replace', 'replace', { a: 1 }, { b: 2 }, { b: 2 }],
  ])('%s', (_, mode, old, value, expected) => {
    const vars = { v: old === undefined ? {} : { default: old } };

    expect(updated({ set: 'vars.v', mode, value: ref('current.response') }, { vars }, value).vars).toEqual({
      v: expected,
    });
  });
});

describe('updates of actors', () => {
  const actors = {
    a: { properties: { x: 'integer', y: 'integer', z: 'integer' } },
    'guest_*': { title: 'Guest', role: 'guest', properties: { seats: { type: 'integer', default: 1 } } },
  };

  it('given an actor that is new, completes it', () => {
    expect(updated({ set: 'actors.guest_7', value: {} }, { actors }).actors.guest_7).toEqual({
      title: 'Guest 7',
      seats: 1,
      role: 'guest',
    });
  });

  it('given an actor that is replaced, leaves it as it was given', () => {
    expect(updated({ set: 'actors.a', value: { x: 1 } }, { actors }).actors.a).toEqual({ x: 1 });
  });

  it('given changes by two ways, keeps both', () => {
    const { a } = updated(
      [
        { set: 'current.actor.x', value: 1 },
        { set: 'actors.a.y', value: 2 },
        { set: 'current.actor.z', value: 3 },
      ],
      { actors },
    ).actors;

    expect(a).toEqual({ title: 'a', x: 1, y: 2, z: 3 });
  });

  it('given the whole current actor, stores it without its key', () => {
    expect(updated({ set: 'current.actor', mode: 'merge', value: { x: 5 } }, { actors }).actors.a).toEqual({
      title: 'a',
      x: 5,
    });
  });

  it('given a service as current actor, changes no actor', () => {
    const process = started({
      actors: { a: {} },
      vars: { seen: 'string' },
      actions: {
        ping: {
          actor: 'service:hub',
          update: [
            { set: 'current.actor.mood', value: 'good' },
            { set: 'vars.seen', value: ref('current.actor.mood') },
          ],
        },
      },
      states: { initial: { on: 'ping', goto: null } },
    });
    const after = acted(process, 'ping', 'service:hub');

    expect(after.actors).toBe(process.actors);
    expect(after.vars).toEqual({ seen: 'good' });
  });
});
