import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.js';

const times = { firstMs: 100, longestMs: 500, stableMs: 10_000 };

describe('backoff', () => {
  it('doubles up to its limit and stays there', () => {
    const backoff = new Backoff(times);
    expect([0, 0, 0, 0, 0].map((ran) => backoff.after(ran))).toEqual([100, 200, 400, 500, 500]);
  });

  it('begins anew after a good while', () => {
    const backoff = new Backoff(times);
    expect([0, 0, 10_000, 9_999].map((ran) => backoff.after(ran))).toEqual([100, 200, 100, 200]);
  });
});
