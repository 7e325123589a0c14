import { describe, expect, it } from 'vitest';
import { eventSchema, eventTopic, type HandoverEvent } from './events.js';

const completed: HandoverEvent = {
  specversion: '1.0',
  id: 'e1',
  source: 'handover/engine',
  subject: 'p1',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  tenantid: 'default',
  type: 'process.completed',
  data: {
    process: 'p1',
    title: 'Quote',
    scenario: { id: 's1', name: 'quote.eu', title: 'Quote' },
    state: '(accepted)',
    etag: 'abc',
    result: null,
    tags: [],
    actors: ['customer'],
    startedAt: '2026-01-01T00:00:00.000Z',
    completedAt: '2026-01-01T00:00:01.000Z',
    durationMs: 1_000,
  },
};

describe('events', () => {
  it('are told apart by their type, and one of no known type is refused', () => {
    expect(eventSchema.parse(completed)).toEqual(completed);
    expect(eventSchema.safeParse({ ...completed, type: 'process.exploded' }).success).toBe(false);
  });

  it('have a topic of tenant, type and scenario name, in which no name can add a word or a wildcard', () => {
    expect(eventTopic(completed)).toBe('default.process.completed.quote-eu');
    expect(eventTopic({ ...completed, tenantid: 'a.#' })).toBe('a--.process.completed.quote-eu');
  });

  it('of a scenario without name have a dash in its place', () => {
    const nameless = { ...completed, data: { ...completed.data, scenario: { id: 's1', title: '' } } };
    expect(eventTopic(nameless)).toBe('default.process.completed.-');
  });
});
