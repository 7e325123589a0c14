import { describe, expect, it } from 'vitest';
import { createTokenBuckets } from './token-bucket.js';

function given(limit: number, windowSeconds: number) {
  const clock = { now: 0 };
  return { clock, buckets: createTokenBuckets({ limit, windowSeconds }, () => clock.now) };
}

describe('a token bucket', () => {
  it('allows as many requests as it holds, and says what is left', () => {
    const { buckets } = given(3, 60);
    expect([1, 2, 3].map(() => buckets.take('k').remaining)).toEqual([2, 1, 0]);
    expect(buckets.take('k')).toEqual({ allowed: false, limit: 3, remaining: 0, resetSeconds: 60, retrySeconds: 20 });
  });

  it('fills steadily, never above its limit', () => {
    const { clock, buckets } = given(3, 60);
    for (let n = 0; n < 3; n++) buckets.take('k');
    clock.now = 19_999;
    expect(buckets.take('k').allowed).toBe(false);
    clock.now = 20_000;
    expect(buckets.take('k')).toMatchObject({ allowed: true, remaining: 0 });
    clock.now = 1e9;
    expect(buckets.take('k').remaining).toBe(2);
  });

  it('is one per name', () => {
    const { buckets } = given(1, 60);
    buckets.take('a');
    expect(buckets.take('a').allowed).toBe(false);
    expect(buckets.take('b').allowed).toBe(true);
  });

  it('can be looked at without taking from it', () => {
    const { buckets } = given(1, 60);
    expect(buckets.look('k').allowed).toBe(true);
    buckets.take('k');
    expect(buckets.look('k')).toMatchObject({ allowed: false, retrySeconds: 60 });
  });

  it('is forgotten when full, and only then', () => {
    const { clock, buckets } = given(10, 1);
    for (let n = 0; n < 10; n++) buckets.take('held');
    for (let n = 0; n < 20_000; n++) {
      clock.now += 0.001;
      buckets.take(`n${n}`);
    }
    expect(buckets.look('held').remaining).toBeLessThan(1);
  });
});
