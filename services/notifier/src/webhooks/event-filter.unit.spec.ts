import { describe, expect, it } from 'vitest';
import { matches } from './event-filter.js';

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
