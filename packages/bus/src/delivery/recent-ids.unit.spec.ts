import { expect, test } from 'vitest';
import { RecentIds } from './recent-ids.js';

test('remembers the most recent ids and forgets the oldest', () => {
  const ids = new RecentIds(3);
  for (const id of ['a', 'b', 'c', 'a', 'd']) ids.add(id);
  expect(['a', 'b', 'c', 'd'].filter((id) => ids.has(id))).toEqual(['a', 'c', 'd']);
  expect([ids.delete('a'), ids.delete('a')]).toEqual([true, false]);
});
