import { describe, expect, it } from 'vitest';
import { caseOf, caseStatus, caseStatusChange } from './case-status.js';

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

describe('an event of a run', () => {
  const scenario = { id: 's1', name: 'credit-check', version: '1.0', title: 'Credit check' };
  const facts = { process: 'p1', title: '', scenario, state: 'a', etag: 'e1', tags: ['case:7'] };
  const ended = { ...facts, result: null, actors: [], startedAt: '', completedAt: '', durationMs: 0 };
  const told = { workflowId: 'p1', caseId: '7', referenceName: 'credit-check' };

  it('tells that it asked a service', () => {
    const change = caseStatusChange({ type: 'process.started', data: { ...facts, asked: ['bureau'] } });
    expect(change).toEqual({ ...told, status: 'AWAITING' });
  });

  it.each([
    ['COMPLETED', 'action', []],
    ['EXPIRED', 'timeout', []],
    ['FAILED', 'timeout', ['failed']],
  ] as const)('tells that it is %s, ended by %s with the tags %j', (status, endedBy, tags) => {
    const data = { ...ended, endedBy, tags: [...facts.tags, ...tags] };
    expect(caseStatusChange({ type: 'process.completed', data })).toEqual({ ...told, status });
  });

  it('tells of its title where it has no name', () => {
    const data = { ...ended, scenario: { id: 's1', title: 'Credit check' } };
    expect(caseStatusChange({ type: 'process.completed', data })?.referenceName).toBe('Credit check');
  });

  it('tells nothing when it asked nobody, or was run for no case', () => {
    expect(caseStatusChange({ type: 'process.started', data: facts })).toBeUndefined();
    expect(caseStatusChange({ type: 'process.completed', data: { ...ended, tags: [] } })).toBeUndefined();
    expect(caseStatusChange({ type: 'process.started', data: { ...facts, tags: undefined } })).toBeUndefined();
  });
});
