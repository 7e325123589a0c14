import { describe, expect, it } from 'vitest';

import { Sequence } from './sequence.js';

describe('Sequence', () => {
  it('given two lists that grew from one, keeps them apart', () => {
    const root = Sequence.of([1, 2]);
    const left = root.append(3).append(4);
    const right = root.append(5);

    expect(left.toArray()).toEqual([1, 2, 3, 4]);
    expect(right.toArray()).toEqual([1, 2, 5]);
    expect(root.toArray()).toEqual([1, 2]);
    expect([root.length, left.length, right.length]).toEqual([2, 4, 3]);
  });

  it('given a list that was read and grew on, reads the rest', () => {
    const read = Sequence.of<number>([]).append(1).append(2);
    read.toArray();

    expect(read.append(3).toArray()).toEqual([1, 2, 3]);
    expect(read.toArray()).toEqual([1, 2]);
  });

  it('given a very long list, reads it without running out of stack', () => {
    let long = Sequence.of<number>([]);
    for (let i = 0; i < 100_000; i++) long = long.append(i);

    expect(long.toArray()).toHaveLength(100_000);
    expect(long.toArray().at(-1)).toBe(99_999);
  });

  it('is an array in JSON', () => {
    expect(JSON.stringify({ all: Sequence.of(['a']).append('b') })).toBe('{"all":["a","b"]}');
  });
});
