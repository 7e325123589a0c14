import { describe, expect, it } from 'vitest';
import { createPlaces } from './places.js';

const limits = { first: 4, concurrency: new Map([['large', 100]]), slow: new Set(['hangs', 'drips']) };

describe('the places for attempts', () => {
  it('for what is new are seven eighths of a target’s, the rest is left for what has waited', async () => {
    const places = createPlaces(100, limits);
    const taken = await Promise.all([1, 2, 3, 4].map(() => places.takeForNew('small', 0)));
    expect(taken.map((leave) => leave !== undefined)).toEqual([true, true, true, false]);
    places.take('small');
    expect([places.inHand.get('small'), places.full(), places.free]).toEqual([4, ['small'], 96]);
  });

  it('are given in the order of asking, as soon as one is free', async () => {
    const places = createPlaces(100, limits);
    const [first] = await Promise.all([1, 2, 3].map(() => places.takeForNew('small', 0)));
    const order: number[] = [];
    const waiting = [1, 2].map(async (n) => {
      const leave = await places.takeForNew('small', 10_000);
      order.push(n);
      leave?.();
    });
    first?.();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2]);
  });

  it('are not waited for by what is dismissed, of that target only', async () => {
    const places = createPlaces(100, limits);
    const held = await Promise.all(
      ['small', 'other'].flatMap((target) => [1, 2, 3].map(() => places.takeForNew(target, 0))),
    );
    const [dismissed, kept] = ['small', 'other'].map((target) => places.takeForNew(target, 10_000));
    places.dismiss('small');
    expect(await dismissed).toBeUndefined();
    held.forEach((leave) => leave?.());
    expect(await kept).toBeDefined();
    expect(await places.takeForNew('small', 0)).toBeDefined();
  });

  it('are three quarters of all for what is new, whatever its target', async () => {
    const places = createPlaces(8, limits);
    const taken = await Promise.all(Array.from({ length: 7 }, () => places.takeForNew('large', 0)));
    expect(taken.filter((leave) => leave !== undefined)).toHaveLength(6);
    const other = places.takeForNew('small', 10_000);
    taken[0]?.();
    expect(await other).toBeDefined();
  });

  it('are half of all for those that are not prompt, together; at least one', async () => {
    const places = createPlaces(8, limits);
    expect([places.freeForSlow, createPlaces(1, limits).freeForSlow]).toEqual([4, 1]);
    const leave = ['hangs', 'drips', 'drips', 'drips'].map((target) => places.take(target));
    expect([places.freeForSlow, places.free, places.full()]).toEqual([0, 4, ['hangs', 'drips']]);
    expect(await places.takeForNew('small', 0)).toBeDefined();
    leave[0]?.();
    expect([places.freeForSlow, places.full()]).toEqual([1, []]);
  });
});
