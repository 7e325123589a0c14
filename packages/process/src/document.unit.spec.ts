import { describe, expect, it } from 'vitest';

import { acted, eventsOf, logOf, ref, started } from '../test/process-builder.js';
import {
  fromDocument,
  fromSnapshot,
  step,
  toDocument,
  toSnapshot,
  withoutHistory,
  type ProcessDocument,
} from './index.js';

const forgetful = { states: { initial: { on: 'go', goto: 'second' }, second: { on: 'go', goto: 'initial' } } };
const mindful = {
  vars: { count: 'integer', last: 'string' },
  actions: {
    go: {
      update: [
        { set: 'vars.count', value: ref('length(previous)') },
        { set: 'vars.last', value: ref('events[-1].timestamp') },
      ],
    },
  },
  states: { initial: { title: ref('previous[-1].title'), on: 'go', goto: 'initial' } },
};

const stored = (document: object) => JSON.parse(JSON.stringify(document)) as ProcessDocument;

describe('a document', () => {
  it('gives back the process it was made of', () => {
    const process = acted(acted(started(forgetful), 'go'), 'go');
    const again = fromDocument(process.scenario, stored(toDocument(process)));

    expect(toDocument(again)).toEqual(toDocument(process));
    expect(again.head).toEqual(process.head);
  });

  it('without events is none', () => {
    const process = started(forgetful);

    expect(() => fromDocument(process.scenario, { ...toDocument(process), events: [] })).toThrow(
      'Process has no events',
    );
  });

  it('of another scenario is refused', () => {
    const process = started(forgetful);

    expect(() => fromDocument(started(mindful).scenario, toDocument(process))).toThrow(
      expect.objectContaining({ code: 'invalid-value' }),
    );
    expect(() => fromSnapshot(started(mindful).scenario, toSnapshot(process))).toThrow(
      expect.objectContaining({ code: 'invalid-value' }),
    );
  });
});

describe('a process without its history', () => {
  it('takes the same steps', () => {
    const process = started(forgetful);
    const light = fromSnapshot(process.scenario, JSON.parse(JSON.stringify(toSnapshot(process))) as never);
    const request = { action: 'go', now: '2026-02-02T00:00:00.000Z' };
    const [full, bare] = [step(process, request), step(light, request)];

    expect(process.scenario.readsHistory).toBe(false);
    expect(bare.event).toEqual(full.event);
    expect(bare.log).toEqual({ rewritten: false, entries: logOf(full.process) });
    expect(toSnapshot(bare.process)).toEqual(toSnapshot(full.process));
    expect(() => toDocument(bare.process)).toThrow(expect.objectContaining({ code: 'history-required' }));
  });

  it('keeps it when its scenario reads it', () => {
    const process = acted(started(mindful), 'go');

    expect(process.scenario.readsHistory).toBe(true);
    expect(withoutHistory(process)).toBe(process);
    expect(process).toMatchObject({ vars: { count: 0, last: '2026-01-01T00:00:01.000Z' }, current: { title: 'go' } });
  });

  it('throws when it is needed', () => {
    const process = started(mindful);
    const bare = fromSnapshot(process.scenario, toSnapshot(process));

    expect(() => step(bare, { action: 'go', now: '2026-02-02T00:00:00.000Z' })).toThrow(
      expect.objectContaining({ code: 'history-required' }),
    );
    const loaded = fromSnapshot(process.scenario, toSnapshot(process), { events: eventsOf(process), previous: [] });
    expect(acted(loaded, 'go').vars.count).toBe(0);
  });
});
