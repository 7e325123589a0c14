import { once } from 'node:events';
import { expect, test } from 'vitest';
import { BusError } from '../port.js';
import { Cancellation } from './cancellation.js';

const stopped = new BusError('stopped', 'the bus stopped');

test('aborts the signal that was asked for, with the reason', () => {
  const cancellation = new Cancellation();
  const { signal } = cancellation;
  expect(signal.aborted).toBe(false);
  cancellation.cancel(stopped);
  expect(signal.reason).toBe(stopped);
  expect(cancellation.signal).toBe(signal);
});

test('gives a signal that is aborted already to who asks late; the first reason counts', () => {
  const cancellation = new Cancellation();
  cancellation.cancel(stopped);
  cancellation.cancel(new BusError('timeout', 'later'));
  expect(cancellation.signal.reason).toBe(stopped);
});

test('aborts at the deadline, also when it has passed before anybody asked', async () => {
  for (const deadline of [Date.now() + 20, Date.now() - 1_000]) {
    const { signal } = new Cancellation(deadline);
    await once(signal, 'abort');
    expect(signal.reason).toMatchObject({ code: 'timeout' });
  }
});
