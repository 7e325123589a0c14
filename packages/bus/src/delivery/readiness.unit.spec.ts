import { expect, test } from 'vitest';
import { Readiness } from './readiness.js';

test('tells all who wait, and those who come later', async () => {
  const readiness = new Readiness();
  const waiting = [readiness.whenUp(10_000), readiness.whenUp(10_000)];
  readiness.up();
  expect(await Promise.all([...waiting, readiness.whenUp(0)])).toEqual([true, true, true]);
});

test('gives up after the time, or when there is nothing to wait for', async () => {
  const readiness = new Readiness();
  expect(await readiness.whenUp(1)).toBe(false);
  const waiting = readiness.whenUp(10_000);
  readiness.settle();
  expect(await waiting).toBe(false);
  readiness.up();
  readiness.down();
  expect([readiness.isUp, await readiness.whenUp(0)]).toEqual([false, false]);
});
