import type { HandoverEvent } from '@handover/contracts';
import { describe, expect, it } from 'vitest';
import { matches, wants } from './event-filter.js';

describe('an event filter', () => {
  it.each([
    [['*'], 'process.completed'],
    [['process.*'], 'process.completed'],
    [['process.completed'], 'process.completed'],
    [['process.started', 'process.*'], 'process.completed'],
  ])('%j takes %s', (filters, type) => {
    expect(matches(filters, type)).toBe(true);
  });

  it.each([
    [[], 'process.completed'],
    [['process.started'], 'process.completed'],
    [['scenario.*'], 'process.completed'],
    [['proc.*'], 'process.completed'],
    [['process.comp'], 'process.completed'],
  ])('%j leaves %s', (filters, type) => {
    expect(matches(filters, type)).toBe(false);
  });
});

describe('what is told by another name than the event’s', () => {
  const event = { type: 'process.completed', data: { scenario: { id: 's1', name: 'quote', title: 'Quote' } } };
  const told = (events: string[], scenarios: string[] | null = null): boolean =>
    wants({ events, scenarios }, event as HandoverEvent, 'workflow.status-changed');

  it('is for those who name it', () => {
    expect(told(['workflow.status-changed'])).toBe(true);
    expect(told(['workflow.status-changed'], ['quote'])).toBe(true);
    expect(told(['workflow.status-changed'], ['other'])).toBe(false);
    expect(told(['*', 'workflow.*', 'process.completed'])).toBe(false);
  });
});
