import fc from 'fast-check';

import { instantiate, ProcessError, step, timeout, type Process } from '../src/index.js';
import { at, compiled, PROCESS_ID, ref, START } from './process-builder.js';

const STATES = ['initial', 'a', 'b', 'c'];
const ACTIONS = ['go', 'set', 'list', 'join', 'wipe', 'tag'];

const goto = fc.constantFrom(...STATES, '(done)', null);
const condition = fc.constantFrom<unknown>(
  true,
  true,
  ref('vars.n < `5`'),
  ref('length(vars.all) > `1`'),
  ref("current.actor.key == 'host'"),
);
const by = fc.constantFrom('*', 'host', 'guest_*', 'service:bot');
const log = fc.constantFrom<object | undefined>(undefined, { title: { '<tpl>': 'n is {{ vars.n }}' } }, { if: false });

/** Past, near, moving with a variable, and set only at times. */
const time = fc.constantFrom<unknown>(at(-60), at(20), ref("vars.n > `2` && '2026-01-01T01:00:30+01:00' || null"), {
  '<tpl>': '2026-01-01T00:00:{{ vars.n }}0Z',
});

const transition = fc.oneof(
  { weight: 5, arbitrary: fc.record({ on: fc.constantFrom(...ACTIONS), by, if: condition, goto, log }) },
  { weight: 1, arbitrary: fc.record({ after: fc.integer({ min: 1, max: 30 }), if: condition, goto, log }) },
  { weight: 1, arbitrary: fc.record({ at: time, if: condition, goto, log }) },
  { weight: 1, arbitrary: fc.record({ on: fc.constant(null), if: condition, goto, log }) },
);

const title = fc.constantFrom<unknown>(
  'Plain',
  { '<tpl>': '{{ title }}/{{ vars.n }}' },
  ref('previous[-1].title'),
  ref('current.actor.title'),
);

const state = fc.record({ title, transitions: fc.array(transition, { minLength: 1, maxLength: 5 }) });

/** A scenario with everything in it: conditions, wildcards, services, defaults, timeouts, automatic transitions. */
export const arbitraryScenario = fc.record({ initial: state, a: state, b: state, c: state }).map(
  (states) =>
    JSON.parse(
      JSON.stringify({
        title: 'Any',
        actors: {
          host: { role: ['chief', 'boss'] },
          'guest_*': { title: 'Guest', properties: { seats: { type: 'integer', default: 1 } } },
        },
        vars: { n: { type: 'integer', default: 0, maximum: 9 }, all: { items: {}, default: [] } },
        actions: {
          go: { response: { type: 'integer', default: 1 } },
          set: {
            update: [
              { set: 'vars.n', value: ref('vars.n + `1`') },
              { set: 'title', value: { '<tpl>': 'Set {{ vars.n }}' } },
            ],
          },
          list: {
            update: [
              { set: 'vars.all', mode: 'append' },
              { set: 'result', mode: 'merge', value: ref('current.response') },
            ],
          },
          join: { update: { set: { '<tpl>': 'actors.guest_{{ vars.n }}' }, value: {} } },
          tag: {
            update: [
              { set: 'tags', mode: 'append', value: { '<tpl>': 'n-{{ vars.n }}' } },
              { set: 'tags', value: ref('current.response'), if: ref("type(current.response) == 'array'") },
            ],
          },
          wipe: { actor: 'host', update: { set: 'previous', value: ref('previous[-2:]') } },
        },
        states,
      }),
    ) as object,
);

const actor = fc
  .constantFrom('host', 'guest_0', 'guest_1', 'service:bot', 'nobody')
  .chain((key) =>
    fc.constantFrom<string | { key: string; id?: string; roles?: string[]; name?: string }>(
      key,
      key,
      { key, name: 'Ann' },
      { key, id: 'u1', roles: ['boss'] },
    ),
  );

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      action: fc.constantFrom(...ACTIONS),
      actor,
      response: fc.oneof(fc.constant(undefined), fc.jsonValue({ maxDepth: 2 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 100 }) }) },
);

/** What may happen to a process, in order. */
export const arbitraryOperations = fc.array(operation, { maxLength: 12 });

type Operation = typeof arbitraryOperations extends fc.Arbitrary<(infer O)[]> ? O : never;

/** @returns the process after each operation, the newborn first; undefined for a scenario that cannot start. */
export function liveThrough(scenario: object, operations: readonly Operation[], watch = (process: Process) => process) {
  const newborn = unlessRefused(() => instantiate(compiled(scenario), { id: PROCESS_ID, now: START }).process);
  if (!newborn) return undefined;
  const lives = [watch(newborn)];
  let seconds = 0;
  for (const operation of operations) {
    const process = lives.at(-1) ?? newborn;
    seconds += 'wait' in operation ? operation.wait : 1;
    const after = unlessRefused(() => perform(process, operation, at(seconds)));
    if (after) lives.push(watch(after));
  }
  return lives;
}

function perform(process: Process, operation: Operation, now: string): Process | undefined {
  if ('wait' in operation) return timeout(process, { now })?.process;
  const { action, actor: performer, response } = operation;
  return step(process, { action, actor: performer, response, now }).process;
}

/** An operation that cannot be carried out leaves the process as it was. Any other error is one of ours. */
function unlessRefused<T>(task: () => T): T | undefined {
  try {
    return task();
  } catch (error) {
    if (error instanceof ProcessError) return undefined;
    throw error;
  }
}
