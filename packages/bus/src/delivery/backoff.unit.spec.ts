import { expect, test } from 'vitest';
import { backoffMs } from './backoff.js';

test('backoff doubles from 100 ms to 30 s, half of it random', () => {
  expect([1, 2, 3, 10, 1_000].map((failures) => backoffMs(failures, () => 1))).toEqual([100, 200, 400, 30_000, 30_000]);
  expect([1, 2, 3, 10, 1_000].map((failures) => backoffMs(failures, () => 0))).toEqual([50, 100, 200, 15_000, 15_000]);
});
