import { expect, test } from 'vitest';
import { Lifecycle } from './lifecycle.js';

test('a start that fails fails again, and can be stopped', async () => {
  const lifecycle = new Lifecycle();
  let closed = 0;
  const open = () => Promise.reject(new Error('port taken'));
  await expect(lifecycle.start(open)).rejects.toThrow('port taken');
  await expect(lifecycle.start(open)).rejects.toThrow('port taken');
  expect(() => lifecycle.assertRunning()).toThrow('not started');
  const close = async () => void closed++;
  await Promise.all([lifecycle.stop(close), lifecycle.stop(close)]);
  expect(closed).toBe(1);
  expect(() => lifecycle.assertRunning()).toThrow('stopped');
});

test('a stop waits for the start under way', async () => {
  const lifecycle = new Lifecycle();
  const order: string[] = [];
  const starting = lifecycle.start(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    order.push('opened');
  });
  const stopping = lifecycle.stop(async () => void order.push('closed'));
  await Promise.all([starting, stopping]);
  expect(order).toEqual(['opened', 'closed']);
});
