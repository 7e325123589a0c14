import { describe, expect, it } from 'vitest';

import { acted, act, at, logOf, ref, started, timedOut } from '../test/process-builder.js';
import { fromDocument, fromSnapshot, replay, timeout, timers, toDocument, toSnapshot } from './index.js';

describe('timeout', () => {
  const waiting = () =>
    started({ states: { initial: { after: '3 minutes', goto: 'late' }, late: { on: 'go', goto: '(done)' } } });

  it('given less time than it takes, does nothing', () => {
    expect(timeout(waiting(), { now: at(179.999) })).toBeUndefined();
  });

  it('given as many seconds as it takes, fires', () => {
    expect(timedOut(waiting(), 180).current).toMatchObject({ key: 'late', timestamp: at(180) });
  });

  it('logs once', () => {
    const process = started({ states: { initial: { after: 10, goto: '(late)', log: { title: 'Timed out' } } } });

    expect(logOf(timedOut(process, 10))).toEqual([{ title: 'Timed out', description: '', timestamp: at(10) }]);
  });

  it('given several that are due, takes the earliest whose condition holds', () => {
    const process = started({
      states: {
        initial: {
          transitions: [
            { after: 30, goto: '(third)' },
            { after: 20, goto: '(second)' },
            { after: 10, if: false, goto: '(first)' },
          ],
        },
      },
    });

    expect(timedOut(process, 60).current.key).toBe('(second)');
  });

  it('given a ring of automatic transitions behind it, throws and leaves the process as it was', () => {
    const process = started({
      states: { initial: { after: 1, goto: 'a' }, a: { on: null, goto: 'b' }, b: { on: null, goto: 'a' } },
    });

    expect(() => timeout(process, { now: at(5) })).toThrow(expect.objectContaining({ code: 'endless-transitions' }));
    expect(process.current.key).toBe('initial');
  });

  it('given an ended process, does nothing', () => {
    expect(
      timeout(timedOut(started({ states: { initial: { after: 1, goto: '(done)' } } }), 1), { now: at(9) }),
    ).toBeUndefined();
  });
});

describe('timeouts that stay', () => {
  const scenario = {
    states: {
      initial: {
        transitions: [
          { after: 60, goto: null, log: { title: 'Reminder' } },
          { after: 90, goto: null, log: { title: 'Last reminder' } },
          { after: 120, goto: '(expired)' },
          { on: 'again', goto: 'initial' },
          { on: 'wait', goto: null },
        ],
      },
    },
  };

  it('fire once each, by the clock, and again only when the state is entered again', () => {
    const reminded = timedOut(started(scenario), 60);
    expect(timeout(reminded, { now: at(89) })).toBeUndefined();

    const twice = timedOut(reminded, 95);
    expect(logOf(twice).map(({ title }) => title)).toEqual(['Reminder', 'Last reminder']);
    expect(timeout(acted(twice, 'wait'), { now: at(119) })).toBeUndefined();
    expect(timedOut(twice, 120).current.key).toBe('(expired)');

    const entered = acted(twice, 'again');
    expect(timers(entered).map(({ after }) => after)).toEqual([60, 90, 120]);
  });

  it('fire again when told how much time has passed', () => {
    const reminded = timedOut(started(scenario), 60);

    const again = timeout(reminded, { now: at(61), timePassed: 61 })?.process;

    expect(again).toMatchObject({ head: { count: 3 }, fired: [0] });
  });

  it('do not enter the state', () => {
    expect(timeout(started(scenario), { now: at(60) })).toMatchObject({ entered: false });
  });

  it('stay fired through documents, snapshots and replay', () => {
    const reminded = timedOut(started(scenario), 60);
    const stored = JSON.parse(JSON.stringify(toDocument(reminded))) as ReturnType<typeof toDocument>;

    for (const process of [
      fromDocument(reminded.scenario, stored),
      fromSnapshot(reminded.scenario, toSnapshot(reminded)),
      replay(reminded.scenario, stored.events),
    ]) {
      expect(process.fired).toEqual([0]);
      expect(timeout(process, { now: at(70) })).toBeUndefined();
    }
  });
});

describe('timeouts at a time', () => {
  const scenario = {
    vars: { until: {} },
    actions: { plan: { update: 'vars.until' } },
    states: {
      initial: {
        transitions: [
          { after: 60, goto: '(later)' },
          { at: ref('vars.until'), goto: '(due)', log: { title: 'It is time' } },
          { on: 'plan', goto: null },
          { on: 'again', goto: 'initial' },
        ],
      },
    },
  };
  const planned = (until: unknown) => acted(started(scenario), 'plan', 'actor', until);

  it('given none, wait for no time', () => {
    expect(timers(started(scenario))).toEqual([{ transition: 0, after: 60, dueAt: at(60), goto: '(later)' }]);
  });

  it('move with what they are computed from, and go when it does', () => {
    const process = planned(at(30));
    expect(timers(process)[0]).toEqual({ transition: 1, after: 30, dueAt: at(30), goto: '(due)' });
    const moved = acted(process, 'plan', 'actor', '2026-01-01T02:00:45.5+02:00');
    expect(timers(moved)[0]).toMatchObject({ transition: 1, dueAt: '2026-01-01T00:00:45.500Z' });
    for (const none of [null, undefined, '']) {
      expect(timers(acted(moved, 'plan', 'actor', none)).map(({ transition }) => transition)).toEqual([0]);
    }
  });

  it('fire when it is that time, not before, and log once', () => {
    expect(timeout(planned(at(30)), { now: at(29.999) })).toBeUndefined();
    const late = timedOut(planned(at(30)), 30);
    expect(late.current).toMatchObject({ key: '(due)', timestamp: at(30) });
    expect(logOf(late)).toContainEqual({ title: 'It is time', description: '', timestamp: at(30) });
  });

  it('do not start anew when the state is entered again', () => {
    expect(timers(acted(planned(at(30)), 'again'))[0]).toMatchObject({ after: 28, dueAt: at(30) });
  });

  it('that have passed are due at once, the earliest first', () => {
    const process = planned('1999-12-31T23:59:59Z');
    expect(timers(process)[0]).toMatchObject({ transition: 1, goto: '(due)', dueAt: '1999-12-31T23:59:59.000Z' });
    expect(timedOut(process, 100).current.key).toBe('(due)');
  });

  it.each(['tomorrow', '2026-01-01', '2026-01-01T10:00', '2026-02-29T10:00Z', '2026-01-01T24:00Z', 5])(
    'given %j, tell whoever set it, and change nothing',
    (until) => {
      expect(() => planned(until)).toThrow(
        expect.objectContaining({
          code: 'invalid-value',
          message: `Timeout of state 'initial' is not at a time with its zone: ${JSON.stringify(until)}`,
        }),
      );
    },
  );

  it('that stay fire once, however often they are moved, and are known to have fired', () => {
    const stay = { at: ref('vars.until'), goto: null, log: { title: 'Reminder' } };
    const states = { initial: { transitions: [stay, { on: 'plan', goto: null }] } };
    const process = timedOut(acted(started({ ...scenario, states }), 'plan', 'actor', at(9)), 10);
    const moved = acted(process, 'plan', 'actor', at(1));
    expect(timeout(moved, { now: at(60) })).toBeUndefined();
    const stored = JSON.parse(JSON.stringify(toDocument(moved))) as ReturnType<typeof toDocument>;
    expect(fromDocument(moved.scenario, stored).fired).toEqual([0]);
    expect(replay(moved.scenario, stored.events).fired).toEqual([0]);
  });

  it('that stay on a condition are known to have fired by what held then', () => {
    const never = { after: 1, if: ref('current.actor.key == `"nobody"`'), goto: null };
    const states = { initial: { transitions: [never, { after: 1, goto: null }, { on: 'plan', goto: null }] } };
    const process = timedOut(started({ ...scenario, states }), 1);
    const stored = JSON.parse(JSON.stringify(toDocument(process))) as ReturnType<typeof toDocument>;
    expect(fromDocument(process.scenario, stored).fired).toEqual([1]);
  });

  it('given a time beyond all calendars, wait until the last', () => {
    const process = started({ states: { initial: { after: 1e15, goto: '(late)' } } });
    expect(timers(process)[0]?.dueAt).toBe('9999-12-31T23:59:59.999Z');
  });
});

describe('timers', () => {
  it('are the timeouts whose condition holds, with the time they are due', () => {
    const process = started({
      vars: { vip: { type: 'boolean', default: false } },
      actions: { promote: { update: { set: 'vars.vip', value: true } } },
      states: {
        initial: {
          transitions: [
            { after: '1 hour', goto: '(late)' },
            { after: 60, if: ref('vars.vip'), goto: 'hurry' },
            { on: 'promote', goto: null },
          ],
        },
        hurry: { on: 'promote', goto: '(done)' },
      },
    });

    expect(timers(process)).toEqual([{ transition: 0, after: 3600, dueAt: at(3600), goto: '(late)' }]);
    expect(timers(act(process, 'promote').process)).toEqual([
      { transition: 1, after: 60, dueAt: at(60), goto: 'hurry' },
      { transition: 0, after: 3600, dueAt: at(3600), goto: '(late)' },
    ]);
  });
});
