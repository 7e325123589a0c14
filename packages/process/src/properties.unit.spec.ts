import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { arbitraryOperations, arbitraryScenario, liveThrough } from '../test/arbitrary-run.js';
import { act, compiled, eventsOf, PROCESS_ID, START } from '../test/process-builder.js';
import {
  fromDocument,
  instantiate,
  isActionEvent,
  isTimeoutEvent,
  predict,
  replay,
  toDocument,
  toSnapshot,
  verify,
  type ProcessEvent,
} from './index.js';

const runs = { numRuns: 100 };

// A busy machine may take its time over a hundred lives.
vi.setConfig({ testTimeout: 60_000 });
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('whatever happens to a process', () => {
  it('replay comes to the same process', () => {
    const seen = { events: 0, timeouts: 0, refusals: 0, ends: 0 };
    fc.assert(
      fc.property(arbitraryScenario, arbitraryOperations, (scenario, operations) => {
        const process = liveThrough(scenario, operations)?.at(-1);
        if (!process) return;
        const events = json(eventsOf(process)) as ProcessEvent[];
        const again = replay(process.scenario, events);

        expect(json(toDocument(again))).toEqual(json(toDocument(process)));
        expect(again.fired).toEqual(process.fired);
        seen.events += events.length;
        seen.timeouts += events.filter(isTimeoutEvent).length;
        seen.refusals += events.filter((event) => isActionEvent(event) && event.skipped).length;
        seen.ends += process.isRunning ? 0 : 1;
      }),
      runs,
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });

  it('its chain holds, and a stored document gives it back', () => {
    fc.assert(
      fc.property(arbitraryScenario, arbitraryOperations, (scenario, operations) => {
        for (const process of liveThrough(scenario, operations) ?? []) {
          const document = json(toDocument(process)) as ReturnType<typeof toDocument>;

          expect(verify(document)).toMatchObject({ valid: true });
          expect(json(toSnapshot(fromDocument(process.scenario, document)))).toEqual(json(toSnapshot(process)));
        }
      }),
      runs,
    );
  });

  it('no operation changes what it was given', () => {
    fc.assert(
      fc.property(arbitraryScenario, arbitraryOperations, (scenario, operations) => {
        // A write to frozen data throws a TypeError, which is no ProcessError.
        const lives = liveThrough(scenario, operations, deepFreeze) ?? [];
        const before = lives.map((process) => JSON.stringify(toDocument(process)));
        for (const process of lives) tryAll(process);

        expect(lives.map((process) => JSON.stringify(toDocument(process)))).toEqual(before);
      }),
      runs,
    );
  });

  it('one changed character in one event is found, at that event', () => {
    fc.assert(
      fc.property(
        arbitraryScenario,
        arbitraryOperations,
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 127 }),
        (scenario, operations, which, where, mask) => {
          const process = liveThrough(scenario, operations)?.at(-1);
          if (!process) return;
          const events = json(eventsOf(process)) as ProcessEvent[];
          const index = which % events.length;
          const text = JSON.stringify(events[index]);
          const altered = parsed(flip(text, where % text.length, mask));
          fc.pre(altered !== undefined && JSON.stringify(altered) !== text);
          const tampered = events.with(index, altered as ProcessEvent);

          expect(verify({ events: tampered })).toMatchObject({ valid: false, firstInvalid: { index } });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('automatic transitions', () => {
  it('come to rest or are refused, however they are linked', () => {
    const keys = ['initial', 'a', 'b', 'c', 'd'];
    const target = fc.constantFrom(...keys, '(end)');
    const states = fc.record(Object.fromEntries(keys.map((key) => [key, fc.array(target, { maxLength: 2 })])));
    fc.assert(
      fc.property(states, (links) => {
        const definition = Object.entries(links).map(([key, targets]) => [
          key,
          {
            transitions: [
              ...targets.map((goto) => ({ on: null, goto })),
              ...keys.map((goto) => ({ on: `to ${goto}`, goto })),
            ],
          },
        ]);
        const process = startOrUndefined({ states: Object.fromEntries(definition) as object });
        if (!process?.isRunning) return;
        for (const key of keys) {
          const { event } = act(process, `to ${key}`);
          if ('errors' in event)
            expect(event.errors).toEqual([
              expect.stringMatching(/^Automatic transitions do not come to rest in state '\w+'$/),
            ]);
        }
      }),
      runs,
    );
  });
});

function startOrUndefined(scenario: object) {
  try {
    return instantiate(compiled(scenario), { id: PROCESS_ID, now: START }).process;
  } catch (error) {
    expect(error).toMatchObject({ code: 'endless-transitions' });
    return undefined;
  }
}

/** Does everything there is to do with a process; failing expressions are fine, writing to it is not. */
function tryAll(process: Parameters<typeof act>[0]): void {
  const tasks = [
    () => act(process, 'set', 'host'),
    () => act(process, 'nonsense', 'host'),
    () => predict(process, { max: 5 }),
  ];
  for (const task of tasks) {
    try {
      task();
    } catch (error) {
      expect(error).toMatchObject({ name: 'ProcessError' });
    }
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || value instanceof Map) return value;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
  if ('history' in value) (eventsOf(value as never) as readonly unknown[]).forEach(deepFreeze);
  return value;
}

const flip = (text: string, index: number, mask: number): string =>
  text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ mask) + text.slice(index + 1);

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
