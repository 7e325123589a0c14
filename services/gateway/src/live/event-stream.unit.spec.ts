import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eventStream } from './event-stream.js';
import { createWatches } from './watches.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('a stream on which nothing happens says every quarter of a minute that it is still there', async () => {
  const bus = { listen: async () => ({ close: async () => undefined }) };
  const watches = createWatches(bus, { most: 1, mostOfTenant: 1, lookEveryMs: 60_000 });
  const watch = watches.watch('acme', 'p1');
  const page = { events: [], total: 3, running: true };
  const stream = eventStream(watch, { first: page, from: 3, read: async () => page });
  expect((await stream.next()).value).toBe('retry: 2000\n\n');

  for (const _ of [1, 2, 3]) {
    let said: string | undefined;
    void stream.next().then(({ value }) => {
      said = value ?? 'the stream has ended';
    });
    await vi.advanceTimersByTimeAsync(14_000);
    expect(said).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1_000);
    // A line that begins with a colon is a comment: no client takes it for an event.
    expect(said).toBe(': still here\n\n');
  }
  watch.close();
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  await watches.close();
});
