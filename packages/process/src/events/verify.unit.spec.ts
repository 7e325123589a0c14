import { describe, expect, it } from 'vitest';

import { act, acted, eventsOf, started } from '../../test/process-builder.js';
import { toDocument, verify, type ProcessEvent } from '../index.js';

const scenario = { states: { initial: { on: 'go', goto: 'second' }, second: { on: 'go', goto: '(done)' } } };

/** start, accepted, refused, accepted */
const process = acted(act(acted(started(scenario), 'go'), 'nonsense').process, 'go');
const events = eventsOf(process);

const changed = (index: number, members: object): ProcessEvent[] =>
  events.map((event, i) => (i === index ? { ...event, ...members } : event));

describe('verify', () => {
  it('given a document as it was made, finds it valid', () => {
    expect(verify(toDocument(process))).toEqual({ valid: true, events: 4, head: process.head.hash });
  });

  it.each([
    ['another action', changed(1, { action: 'stop' }), 1],
    ['another time', changed(2, { timestamp: '2020-01-01T00:00:00.000Z' }), 2],
    ['other errors', changed(2, { errors: ['because'] }), 2],
    ['another hash', changed(3, { hash: events[2]?.hash }), 3],
    ['an event left out', events.toSpliced(2, 1), 2],
    ['two events swapped', events.toSpliced(1, 2, ...events.slice(1, 3).reverse()), 1],
    ['a second start', [...events, ...events.slice(0, 1)], 4],
    ['no start', events.slice(1), 0],
    ['something that is no event', events.with(2, null as never), 2],
  ])('given %s, names the first event that does not hold', (_, tampered, index) => {
    expect(verify({ events: tampered })).toMatchObject({ valid: false, firstInvalid: { index } });
  });

  it('given another process or scenario around the events, says so', () => {
    expect(verify({ events, id: 'another' }).firstInvalid).toMatchObject({ index: 0 });
    expect(verify({ events, scenario: { id: 'another' } }).firstInvalid).toMatchObject({ index: 3 });
  });

  it('given no events, says so', () => {
    expect(verify({ events: [] })).toEqual({
      valid: false,
      events: 0,
      head: undefined,
      firstInvalid: { index: 0, reason: 'Process has no events' },
    });
  });
});
