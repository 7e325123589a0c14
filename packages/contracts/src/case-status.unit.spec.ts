import { describe, expect, it } from 'vitest';
import { caseOf, caseStatus } from './case-status.js';

const ended = { isRunning: false, isAwaiting: false, tags: ['(done)'], isTimedOut: false };

describe('the status of a run', () => {
  it.each([
    ['RUNNING', { ...ended, isRunning: true }],
    ['AWAITING', { ...ended, isRunning: true, isAwaiting: true }],
    ['COMPLETED', ended],
    ['FAILED', { ...ended, tags: ['failed'] }],
    ['FAILED', { ...ended, tags: ['(failed)'], isTimedOut: true }],
    ['CANCELLED', { ...ended, tags: ['cancelled'] }],
    ['EXPIRED', { ...ended, isTimedOut: true }],
  ])('is %s', (status, facts) => {
    expect(caseStatus(facts)).toBe(status);
  });
});

it('a run names its case by a tag', () => {
  expect(caseOf(['a', 'case:7'])).toBe('7');
  expect(caseOf(['a'])).toBeUndefined();
});
