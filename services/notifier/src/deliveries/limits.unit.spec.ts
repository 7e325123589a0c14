import { describe, expect, it } from 'vitest';
import { createLimits, PROMPT_MS } from './limits.js';

const places = (limits: ReturnType<typeof createLimits>, target = 'wh'): number =>
  limits.concurrency.get(target) ?? limits.first;

describe('the places of a target', () => {
  it('grow with what gets through, up to the most', () => {
    const limits = createLimits({ most: 6 });
    expect(places(limits)).toBe(2);
    for (const expected of [3, 4, 5, 6, 6]) {
      limits.learn('wh', true, 5);
      expect(places(limits)).toBe(expected);
    }
    expect(places(limits, 'other')).toBe(2);
  });

  it('halve with what does not, and one is left', () => {
    const limits = createLimits({ most: 32 });
    for (const expected of [1, 1]) {
      limits.learn('wh', false, 5);
      expect(places(limits)).toBe(expected);
    }
    limits.learn('wh', true, 5);
    expect(places(limits)).toBe(2);
  });

  it('are never more than the target says itself', () => {
    const limits = createLimits({ most: 32 });
    expect(limits.take('wh', { concurrency: 2 }, 3)).toBeGreaterThan(0);
    expect(limits.take('wh', { concurrency: 2 }, 2)).toBe(0);
    expect(places(limits)).toBe(2);
    limits.learn('wh', true, 5);
    expect(places(limits)).toBe(2);
    limits.take('wh', {}, 1);
    limits.learn('wh', true, 5);
    expect(places(limits)).toBe(3);
  });

  it('are few where few are allowed', () => expect(createLimits({ most: 2 }).first).toBe(2));
});

describe('a target is prompt', () => {
  it('until it failed or took long, and again when it got one through in time', () => {
    const limits = createLimits({ most: 8 });
    expect(limits.isPrompt('wh')).toBe(true);
    limits.learn('wh', true, PROMPT_MS + 1);
    expect(limits.isPrompt('wh')).toBe(false);
    limits.learn('wh', true, PROMPT_MS);
    expect(limits.isPrompt('wh')).toBe(true);
    limits.learn('wh', false, 1);
    expect([limits.isPrompt('wh'), limits.isPrompt('other')]).toEqual([false, true]);
  });

  it('and not any more when one is late, unless another got through meanwhile', () => {
    let now = 0;
    const limits = createLimits({ most: 8, now: () => now });
    limits.learn('wh', true, 1);
    now = PROMPT_MS;
    limits.learnLate('wh');
    limits.learnLate('other');
    expect([limits.isPrompt('wh'), limits.isPrompt('other')]).toEqual([true, false]);
    now = PROMPT_MS + 1;
    limits.learnLate('wh');
    expect(limits.isPrompt('wh')).toBe(false);
  });
});

describe('the rate of a target', () => {
  it('spaces messages evenly, and saves none up', () => {
    let now = 0;
    const limits = createLimits({ most: 8, now: () => now });
    const take = () => limits.take('wh', { rate: 10 }, 1);
    expect([take(), take()]).toEqual([0, 100]);
    now = 60;
    expect(take()).toBe(40);
    now = 1_000;
    expect([take(), take()]).toEqual([0, 100]);
  });
});
