import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createBatches } from './batches.js';

/** Doubles numbers, when it is let; 13 cannot be doubled. */
function doubling(most = 10) {
  const batches: number[][] = [];
  const gates: (() => void)[] = [];
  const double = createBatches<number, number>(
    async (_group, items) => {
      batches.push([...items]);
      await new Promise<void>((open) => gates.push(open));
      if (items.includes(13)) throw new Error('unlucky');
      return items.map((item) => item * 2);
    },
    { most },
  );
  const letAll = async (): Promise<void> => {
    while (gates.length > 0) {
      gates.shift()?.();
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    }
  };
  return { double, batches, letAll };
}

describe('a batch', () => {
  it('is what came in while the one before was in hand; a lone item waits for nothing', async () => {
    const { double, batches, letAll } = doubling();
    const results = Promise.all([1, 2, 3].map((item) => double('a', item)));
    expect(batches).toEqual([[1]]);
    await letAll();
    expect(await results).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  it('has a limit, and items of one group only', async () => {
    const { double, batches, letAll } = doubling(2);
    const results = Promise.all([double('a', 1), double('b', 2), ...[3, 4, 5].map((item) => double('a', item))]);
    await letAll();
    expect(await results).toEqual([2, 4, 6, 8, 10]);
    expect(batches).toEqual([[1], [2], [3, 4], [5]]);
  });

  it('begins so long after the one before as it is told, unless it is full', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'Date', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const batches: number[][] = [];
    const keep = createBatches<number, void>(
      async (_group, items) => {
        batches.push([...items]);
        return [];
      },
      { most: 2, apartMs: 5 },
    );
    const kept = [1, 2].map((item) => keep('a', item));
    await kept[0];
    await vi.advanceTimersByTimeAsync(4);
    expect(batches).toEqual([[1]]);
    kept.push(keep('a', 3));
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(kept);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  it('that fails is tried item by item, so that only the one to blame fails', async () => {
    const { double, letAll } = doubling();
    const results = Promise.allSettled([1, 13, 3].map((item) => double('a', item)));
    await letAll();
    expect(await results).toMatchObject([
      { status: 'fulfilled', value: 2 },
      { status: 'rejected', reason: { message: 'unlucky' } },
      { status: 'fulfilled', value: 6 },
    ]);
  });
});
