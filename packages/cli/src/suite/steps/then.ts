import { hasEnded, isActionEvent, isTimeoutEvent, type ActionEvent, type ProcessEvent } from '@handover/process';
import { evaluateFunctions } from '@handover/scenario';
import { expectEqual, expectThat, Mismatch, shown } from '../mismatch.js';
import type { World } from '../world.js';
import { either, type StepDefinition } from './step.js';

/** An expectation, with the data functions in it evaluated over the process. */
const evaluated = (world: World, process: string, expected: unknown): unknown =>
  evaluateFunctions(expected, world.document(process));
/** A text as a template over the process; anything else as {@link evaluated}. */
const rendered = (world: World, process: string, expected: unknown): unknown =>
  evaluated(world, process, typeof expected === 'string' ? { '<tpl>': expected } : expected);
const trimmed = (value: unknown): unknown => (typeof value === 'string' ? value.trim() : value);

function at(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split('.')) {
    const isThere = typeof found === 'object' && found !== null && Object.hasOwn(found, key);
    found = isThere ? (found as Readonly<Record<string, unknown>>)[key] : undefined;
  }
  return found;
}

function lastEvent(world: World, process: string): ProcessEvent {
  const event = world.document(process).events.at(-1);
  if (!event) throw new Mismatch('the process has no events');
  return event;
}
const isSkipped = (event: ProcessEvent): event is ActionEvent => isActionEvent(event) && event.skipped;
const reasons = (event: ProcessEvent): string =>
  isSkipped(event) ? `; '${event.action}' was skipped: ${(event.errors ?? []).join(', ')}` : '';

function isIn(world: World, process: string, state: string): void {
  const { key } = world.process(process).current;
  expectThat(
    key === state,
    `the process is in ${shown(key)}, not in ${shown(state)}${reasons(lastEvent(world, process))}`,
  );
}
function ended(world: World, process: string): void {
  const { current } = world.process(process);
  const because = reasons(lastEvent(world, process));
  expectThat(hasEnded(world.process(process)), `the process has not ended, it is in ${shown(current.key)}${because}`);
}
/** The parentheses of an end state may be left out. */
const endState = (name: string): string => (/^\(.*\)$/.test(name) ? name : `(${name})`);
function endedIn(world: World, process: string, state: string): void {
  ended(world, process);
  isIn(world, process, endState(state));
}
function result(world: World, process: string, expected: unknown): void {
  expectEqual('the result', world.process(process).result, evaluated(world, process, expected));
}

const stateAndEnd: readonly StepDefinition[] = [
  ['{process} is in {string}', isIn],
  ['{process} ended', ended],
  ['{process} ended in {string}', endedIn],
  [
    '{process} ended with:',
    (world, process: string, expected: unknown) => {
      ended(world, process);
      result(world, process, expected);
    },
  ],
  [
    '{process} ended in {string} with:',
    (world, process: string, state: string, expected: unknown) => {
      endedIn(world, process, state);
      result(world, process, expected);
    },
  ],
  [
    '{process} has not ended',
    (world, process: string) => expectThat(!hasEnded(world.process(process)), 'the process has ended'),
  ],
  [
    '{process} has not ended in {string}',
    (world, process: string, state: string) =>
      expectThat(world.process(process).current.key !== endState(state), `the process has ended in ${shown(state)}`),
  ],
  ...['is/are {string}', 'is:/are:'].flatMap((form) =>
    either(`the state {property} [of] ${form}`, (world, process, property: string, expected: unknown) => {
      const actual = trimmed(at(world.document(process).current, property));
      expectEqual(`the state's ${property}`, actual, trimmed(rendered(world, process, expected)));
    }),
  ),
];

const actors: readonly StepDefinition[] = [
  ...['{string}', ':'].flatMap((form) =>
    either(
      `actor {string} [in] has (the )instruction(s)${form === ':' ? form : ` ${form}`}`,
      (world, process, actor: string, expected: unknown) => {
        const actual = at(world.process(process).current.instructions, actor);
        expectEqual(`the instruction of "${actor}"`, trimmed(actual), trimmed(rendered(world, process, expected)));
      },
    ),
  ),
  [
    '{process} has actor {string}',
    (world, process: string, actor: string) =>
      expectThat(Object.hasOwn(world.process(process).actors, actor), `the process has no actor "${actor}"`),
  ],
  ...['is {scalar}', 'is:'].flatMap((form) =>
    either(
      `actor {string} [in] has {string} ${form}`,
      (world, process, actor: string, property: string, expected: unknown) => {
        const actual = at(at(world.process(process).actors, actor), property);
        expectEqual(`"${property}" of "${actor}"`, actual, evaluated(world, process, expected));
      },
    ),
  ),
];

const values: readonly StepDefinition[] = [
  ...['is {scalar}', 'is:'].flatMap((form) =>
    either(`variable {string} [in] ${form}`, (world, process, path: string, expected: unknown) =>
      expectEqual(`variable "${path}"`, at(world.process(process).vars, path), evaluated(world, process, expected)),
    ),
  ),
  ...['is {scalar}', 'is:'].flatMap((form): StepDefinition[] => [
    [`the result ${form}`, (world, expected: unknown) => result(world, 'main', expected)],
    [`{process} result ${form}`, result],
  ]),
  [
    '{process} has (the )tag {string}',
    (world, process: string, tag: string) =>
      expectThat(world.process(process).tags.includes(tag), `the process does not have the tag "${tag}"`),
  ],
  [
    "{process} doesn't have (the )tag {string}",
    (world, process: string, tag: string) =>
      expectThat(!world.process(process).tags.includes(tag), `the process has the tag "${tag}"`),
  ],
];

const notified = (world: World, process: string, service: string) =>
  world.process(process).current.notify.find((entry) => entry.service === service);

const services: readonly StepDefinition[] = [
  ...either('service {string} [in] is notified', (world, process, service: string) =>
    expectThat(notified(world, process, service) !== undefined, `service "${service}" is not notified`),
  ),
  ...either('service {string} [in] is notified with:', (world, process, service: string, expected: unknown) => {
    const entry = notified(world, process, service);
    if (!entry) throw new Mismatch(`service "${service}" is not notified`);
    expectEqual(`the message to "${service}"`, entry.message, evaluated(world, process, expected));
  }),
  ...either('service {string} [in] is not notified', (world, process, service: string) =>
    expectThat(notified(world, process, service) === undefined, `service "${service}" is notified`),
  ),
];

function lastIsSkipped(world: World, process: string, expected: unknown = []): void {
  const event = lastEvent(world, process);
  if (!isSkipped(event)) throw new Mismatch('the last event is not skipped');
  const { errors = [] } = event;
  for (const reason of [expected].flat()) {
    expectThat(
      errors.includes(String(reason)),
      `the last event is skipped with ${shown(errors)}, not with ${shown(reason)}`,
    );
  }
}
function notSkipped(event: ProcessEvent): void {
  expectThat(!isSkipped(event), `the event is skipped${reasons(event)}`);
}
const nothingSkipped = (world: World, process: string): void => world.document(process).events.forEach(notSkipped);

const events: readonly StepDefinition[] = [
  ...['', ' with {string}', ' with:'].flatMap((form) => either(`the last event [of] is skipped${form}`, lastIsSkipped)),
  ...either('the last event [of] is not skipped', (world, process) => notSkipped(lastEvent(world, process))),
  ['nothing is skipped', (world) => nothingSkipped(world, 'main')],
  ['nothing is skipped of/from {process}', nothingSkipped],
  ...either('the last event [of] is a timeout', (world, process) =>
    expectThat(isTimeoutEvent(lastEvent(world, process)), 'the last event is no timeout'),
  ),
];

/** What holds then (test-suite §4). */
export const then: readonly StepDefinition[] = [...stateAndEnd, ...actors, ...values, ...services, ...events];
