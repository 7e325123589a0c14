import { describe, expect, it } from 'vitest';
import { judge, type AttemptResult } from './verdict.js';

const schedule = [0, 5_000, 300_000] as const;
const answered = (status: number | null, retryAfterMs?: number): AttemptResult => ({
  startedAt: new Date(0),
  durationMs: 1,
  status,
  error: status === null ? 'connection refused' : status >= 200 && status < 300 ? null : `answered ${status}`,
  answer: null,
  retryAfterMs,
});

describe('the verdict on an attempt', () => {
  it.each([200, 201, 202, 204, 299])('is delivered at %i', (status) => {
    expect(judge(answered(status), 1, schedule)).toEqual({ kind: 'delivered' });
  });

  it('is failed at once when the same message cannot succeed', () => {
    expect(judge({ ...answered(422), permanent: true }, 1, schedule)).toEqual({ kind: 'failed' });
  });

  it('is gone at 410, also before the last attempt', () => {
    expect(judge(answered(410), 1, schedule)).toMatchObject({ kind: 'gone', reason: expect.stringContaining('410') });
  });

  it.each([null, 301, 302, 307, 400, 401, 404, 408, 429, 500, 503])(
    'is another attempt at %s, by the schedule',
    (status) => {
      expect(judge(answered(status), 1, schedule)).toEqual({ kind: 'retry', delayMs: 5_000 });
      expect(judge(answered(status), 2, schedule)).toEqual({ kind: 'retry', delayMs: 300_000 });
    },
  );

  it('is failed after the last attempt', () => {
    expect(judge(answered(500), 3, schedule)).toEqual({ kind: 'failed' });
  });

  it('waits as long as the receiver asks, never shorter than the schedule, at most a day', () => {
    expect(judge(answered(429, 60_000), 1, schedule)).toEqual({ kind: 'retry', delayMs: 60_000 });
    expect(judge(answered(503, 1_000), 1, schedule)).toEqual({ kind: 'retry', delayMs: 5_000 });
    expect(judge(answered(429, 1e12), 1, schedule)).toEqual({ kind: 'retry', delayMs: 86_400_000 });
  });
});
