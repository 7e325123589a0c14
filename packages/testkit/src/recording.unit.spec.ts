import { describe, expect, it } from 'vitest';
import { Recording } from './recording.js';

describe('a recording', () => {
  it('gives the n-th item, past or future', async () => {
    const seen = new Recording<string>('words');
    const second = seen.nth(2);
    ['a', 'b', 'c'].forEach(seen.record);
    expect(await Promise.all([seen.nth(1), second, seen.nth(3)])).toEqual(['a', 'b', 'c']);
  });

  it('gives the first item that fits and looks at each once', async () => {
    const seen = new Recording<number>('numbers');
    const looked: number[] = [];
    seen.record(1);
    const found = seen.first((item) => looked.push(item) > 0 && item > 2);
    [2, 3, 4].forEach(seen.record);
    expect(await found).toBe(3);
    expect(looked).toEqual([1, 2, 3]);
  });

  it('gives up in time and says what it saw', async () => {
    const seen = new Recording<object>('requests');
    seen.record({ path: '/x' });
    await expect(seen.nth(2, 5)).rejects.toThrow(
      /5 ms for number 2 of the requests; 1 requests so far\n {2}{"path":"\/x"}/,
    );
  });

  it('passes on what the predicate throws to whom waits, not to whom records', async () => {
    const seen = new Recording<number>('numbers');
    const waiting = seen.first(() => {
      throw new Error('odd');
    });
    seen.record(1);
    await expect(waiting).rejects.toThrow('odd');
  });

  it('keeps items that are undefined', async () => {
    const seen = new Recording<undefined>('nothings');
    seen.record(undefined);
    expect(await seen.nth(1)).toBeUndefined();
  });
});
