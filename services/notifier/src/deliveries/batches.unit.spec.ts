import { describe, expect, it } from 'vitest';
import { createBatches } from './batches.js';

/** Doubles numbers, when it is let; 13 cannot be doubled. */
function doubling(most = 10) {
  const batches: number[][] = [];
  const gates: (() => void)[] = [];
  const double = createBatches<number, number>(async (_group, items) => {
    batches.push([...items]);
    await new Promise<void>((open) => gates.push(open));
    if (items.includes(13)) throw new Error('unlucky');
    return items.map((item) => item * 2);
  }, most);
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
