import { describe, expect, it } from 'vitest';

import {
  act,
  acted,
  at,
  compiled,
  eventsOf,
  PROCESS_ID,
  ref,
  START,
  started,
  timedOut,
} from '../test/process-builder.js';
import { seal } from './events/seal.js';
import { instantiate, migrate, replay, toDocument, verify, type ProcessEvent } from './index.js';

const scenario = {
  actors: { boss: { role: 'chief' }, clerk: {} },
  vars: { who: 'string', n: { type: 'integer', default: 0 } },
  actions: {
    sign: {
      response: { type: 'integer', default: 5 },
      update: [{ set: 'vars.who', value: ref('current.actor.key') }, 'vars.n'],
    },
  },
  states: {
    initial: { on: null, goto: 'open' },
    open: {
      transitions: [
        { on: 'sign', goto: 'signed' },
        { after: 60, goto: null, log: { title: 'Reminder' } },
      ],
    },
    signed: { on: 'sign', by: 'boss', goto: '(done)' },
  },
};

/** A life with everything the reference cannot replay: a refusal, a role, a default, an automatic start, a timeout. */
function lived() {
  const opened = started(scenario);
  const refused = act(opened, 'sign', 'nobody').process;
  const reminded = timedOut(refused, 61);
  const signed = acted(reminded, 'sign', { key: 'boss', id: 'u1', roles: ['chief'] });
  return act(signed, 'sign', 'clerk').process;
}

describe('replay', () => {
  it('comes to the same process, from any point on', () => {
    const process = lived();
    const events = eventsOf(process);
    expect(process.vars).toEqual({ who: 'boss', n: 5 });

    for (let from = 1; from <= events.length; from++) {
      const part = replay(process.scenario, events.slice(0, from));
      const whole = replay(part, events.slice(from));
      expect(toDocument(whole)).toEqual(toDocument(process));
      expect(whole.fired).toEqual(process.fired);
    }
  });

  it('tells of each event before it happens', () => {
    const process = lived();
    const seen: unknown[] = [];
    replay(process.scenario, eventsOf(process), { onEvent: (before) => seen.push(before?.head.count) });

    expect(seen).toEqual([undefined, 1, 2, 3, 4]);
  });

  it.each([
    [
      'a first event that instantiates nothing',
      (events: ProcessEvent[]) => events.slice(1),
      'First event must be an instantiate event when replaying from genesis',
    ],
    ['nothing', () => [], 'First event must be an instantiate event when replaying from genesis'],
    [
      'a second start',
      (events: ProcessEvent[]) => [...events, ...events.slice(0, 1)],
      'Cannot replay an instantiate event',
    ],
    [
      'an event left out',
      (events: ProcessEvent[]) => events.toSpliced(1, 1),
      'does not follow previous event; expected',
    ],
  ])('given %s, refuses', (_, change, message) => {
    const process = lived();

    expect(() => replay(process.scenario, change([...eventsOf(process)]))).toThrow(
      expect.objectContaining({ code: 'replay-failed', message: expect.stringContaining(message) }),
    );
  });

  it('given events of another scenario, refuses', () => {
    const other = compiled({ states: { initial: { on: 'go', goto: '(done)' } } });
    const process = lived();

    expect(() => replay(other, eventsOf(process))).toThrow(
      `Event scenario id '${process.scenario.id}' does not match scenario id '${other.id}'`,
    );
  });

  it('given an event that was altered without consequence, still refuses', () => {
    const events = eventsOf(lived()).map((event) => ('action' in event ? { ...event, note: 'harmless' } : event));

    expect(() => replay(compiled(scenario), events)).toThrow(expect.objectContaining({ code: 'event-altered' }));
  });

  it('given a refusal made to look accepted, says why it was refused', () => {
    const process = act(started(scenario), 'sign', 'nobody').process;
    const events = eventsOf(process).map((event) => ('skipped' in event ? { ...event, skipped: false } : event));

    expect(() => replay(process.scenario, events)).toThrow(
      /should have been skipped:\nActor 'nobody' is not defined in the scenario$/,
    );
  });

  it('given a timeout before its time, refuses', () => {
    const process = timedOut(started(scenario), 60);
    const events = eventsOf(process).map((event) =>
      'action' in event || 'id' in event ? event : { ...event, timestamp: at(59) },
    );

    expect(() => replay(process.scenario, events)).toThrow(/^Timeout event \w+ should not have been triggered$/);
  });
});

describe('migrate', () => {
  const next = compiled({
    ...scenario,
    title: 'Version two',
    states: { ...scenario.states, signed: { on: 'sign', goto: '(done)' } },
  });

  it('does all that happened under the new scenario, and keeps the events as they were', () => {
    const process = lived();
    const events = structuredClone(eventsOf(process));
    const change = migrate(next, eventsOf(process), { now: at(100), actor: { key: 'admin' } });

    expect(change.process).toMatchObject({
      title: 'Version two',
      vars: process.vars,
      head: { count: events.length + 1 },
    });
    expect(change.event).toMatchObject({
      previous: process.head.hash,
      migration: { from: process.scenario.id, to: next.id },
      actor: { key: 'admin' },
    });
    expect(eventsOf(change.process).slice(0, -1)).toEqual(events);
    expect(change.log).toEqual({ rewritten: true, entries: toDocument(change.process).previous });
  });

  it('leaves a process that verifies, goes on and replays', () => {
    const migrated = migrate(next, eventsOf(lived()), { now: at(100) }).process;
    const done = acted(migrated, 'sign', 'clerk');
    const document = JSON.parse(JSON.stringify(toDocument(done))) as ReturnType<typeof toDocument>;

    expect(verify(document)).toMatchObject({ valid: true, events: 7 });
    expect(toDocument(replay(next, document.events))).toEqual(document);
    expect(() => replay(compiled(scenario), document.events)).toThrow('does not match scenario id');
  });

  it('can be done more than once', () => {
    const first = migrate(next, eventsOf(lived()), { now: at(100) }).process;
    const back = migrate(compiled(scenario), eventsOf(first), { now: at(101) }).process;

    expect(verify(toDocument(back)).valid).toBe(true);
    expect(toDocument(replay(compiled(scenario), eventsOf(back)))).toEqual(toDocument(back));
  });

  it('given something that the new scenario would have refused, refuses', () => {
    const strict = compiled({ ...scenario, vars: { who: 'string', n: { type: 'integer', default: 0, maximum: 4 } } });

    expect(() => migrate(strict, eventsOf(lived()), { now: at(100) })).toThrow(
      /should have been skipped:\nVariable 'n' is invalid: data must be <= 4$/,
    );
  });

  it('given no first event, refuses', () => {
    expect(() => migrate(next, [], { now: at(1) })).toThrow('First event must be an instantiate event when migrating');
  });

  it('given a process that is continued, cannot be replayed onto it', () => {
    const process = lived();
    const migrated = migrate(next, eventsOf(process), { now: at(100) });

    expect(() => replay(process, [migrated.event])).toThrow(expect.objectContaining({ code: 'replay-failed' }));
  });
});

describe('a process of the reference with a null timeout that fired twice', () => {
  it('replays', () => {
    const compiledScenario = compiled({
      states: {
        initial: {
          transitions: [
            { after: 60, goto: null },
            { on: 'done', goto: '(done)' },
          ],
        },
      },
    });
    const born = instantiate(compiledScenario, { id: PROCESS_ID, now: START }).process;
    const twice = [60, 61].reduce((process, seconds) => {
      const events = eventsOf(process);
      return replay(process, [sealedTimeout(events, seconds)]);
    }, born);

    expect(toDocument(replay(compiledScenario, eventsOf(twice)))).toEqual(toDocument(twice));
    expect(twice.head.count).toBe(3);
  });
});

function sealedTimeout(events: readonly ProcessEvent[], seconds: number): ProcessEvent {
  const event = { previous: events.at(-1)?.hash ?? '', timestamp: at(seconds) };
  return seal(event);
}
