import { describe, expect, test, vi } from 'vitest';
import type { Delivery, Outcome } from '../port.js';
import { Intake, type Settlement, type Terms } from './intake.js';

const silent = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const microtasks = () => new Promise<void>((resolve) => setImmediate(resolve));

/** An intake whose handler is answered by the test, and a record of how each message ended. */
function setUp({ maxAttempts = Infinity, concurrency = 10 } = {}) {
  const intake = new Intake({ name: 'test', maxAttempts, logger: silent });
  const running = new Map<string, (outcome: Outcome) => void>();
  const deliveries: string[] = [];
  const settled: [string, Settlement][] = [];
  const terms = (id: string, rest: Partial<Terms> = {}): Terms => ({
    attemptsBefore: 0,
    expiresAt: Infinity,
    settle: (settlement) => void settled.push([id, settlement]),
    ...rest,
  });
  const accept = (id: string, key?: string, rest?: Partial<Terms>) =>
    intake.accept({ message: { id, type: 't', headers: {}, body: null, ...(key && { key }) }, ...terms(id, rest) });
  const handler = ({ id, attempt }: Delivery) => {
    deliveries.push(`${id}${attempt}`);
    return new Promise<Outcome>((resolve) => running.set(id, resolve));
  };
  const end = async (id: string, outcome: Outcome = { kind: 'done' }) => {
    running.get(id)?.(outcome);
    await microtasks();
  };
  intake.open(handler, concurrency);
  return { intake, accept, terms, handler, end, deliveries, settled };
}

describe('intake', () => {
  test('hands one message of a key at a time, other keys meanwhile', async () => {
    const { accept, end, deliveries } = setUp();
    accept('a', 'k');
    accept('b', 'k');
    accept('c', 'other');
    accept('d');
    expect(deliveries).toEqual(['a1', 'c1', 'd1']);
    await end('a');
    expect(deliveries).toEqual(['a1', 'c1', 'd1', 'b1']);
  });

  test('never runs more than its concurrency', async () => {
    const { accept, end, deliveries } = setUp({ concurrency: 2 });
    for (const id of ['a', 'b', 'c']) accept(id);
    expect(deliveries).toEqual(['a1', 'b1']);
    await end('b');
    expect(deliveries).toEqual(['a1', 'b1', 'c1']);
  });

  test('keeps a message to be retried in front of its key', async () => {
    const { accept, end, deliveries, settled } = setUp();
    accept('a', 'k');
    accept('b', 'k');
    await end('a', { kind: 'retry', afterMs: 0 });
    await vi.waitFor(() => expect(deliveries).toEqual(['a1', 'a2']));
    await end('a');
    expect(deliveries).toEqual(['a1', 'a2', 'b1']);
    expect(settled).toEqual([['a', { kind: 'done' }]]);
  });

  test('rejects after the last attempt, counting those before', async () => {
    const { accept, end, settled, deliveries } = setUp({ maxAttempts: 3 });
    accept('a', 'k', { attemptsBefore: 2 });
    await end('a', { kind: 'retry', reason: 'broken' });
    expect(deliveries).toEqual(['a3']);
    expect(settled).toEqual([['a', { kind: 'reject', reason: 'given up after 3 deliveries: broken', attempts: 3 }]]);
  });

  test('drops a message whose sender no longer waits, before and between its deliveries', async () => {
    const { accept, end, settled, deliveries } = setUp();
    accept('late', 'k', { expiresAt: performance.now() - 1 });
    accept('soon', 'k', { expiresAt: performance.now() + 1_000 });
    await microtasks();
    await end('soon', { kind: 'retry', afterMs: 5_000 });
    expect(deliveries).toEqual(['soon1']);
    expect(settled.map(([id, { kind }]) => [id, kind])).toEqual([
      ['late', 'expired'],
      ['soon', 'expired'],
    ]);
  });

  test('after a lost connection forgets what waits and tells the new one how the running one ended', async () => {
    const { intake, accept, terms, end, deliveries, settled } = setUp();
    accept('a', 'k');
    accept('b', 'k');
    intake.orphan();
    expect(intake.size).toBe(1);
    expect(intake.adopt('a', terms('a again'))).toBe(true);
    expect(intake.adopt('b', terms('b again'))).toBe(false);
    accept('b', 'k', { attemptsBefore: 1 });
    await end('a');
    expect(deliveries).toEqual(['a1', 'b2']);
    expect(settled).toEqual([['a again', { kind: 'done' }]]);
  });

  test('leaves an orphan that wants a retry to its redelivery', async () => {
    const { intake, accept, end, settled } = setUp();
    accept('a', 'k');
    intake.orphan();
    await end('a', { kind: 'retry' });
    expect([intake.size, settled]).toEqual([0, []]);
  });

  test('closed, it starts nothing, waits for what runs and keeps the rest for the next handler', async () => {
    const { intake, accept, handler, end, deliveries } = setUp();
    accept('a', 'k');
    accept('b', 'k');
    let closed = false;
    void intake.close().then(() => (closed = true));
    accept('c');
    await microtasks();
    expect(closed).toBe(false);
    await end('a');
    expect([closed, deliveries, intake.size]).toEqual([true, ['a1'], 2]);
    intake.open(handler, 10);
    expect(deliveries).toEqual(['a1', 'b1', 'c1']);
  });

  test('forgets what expired while nobody was there', async () => {
    const { intake, accept } = setUp();
    await intake.close();
    accept('late', 'k', { expiresAt: performance.now() - 1 });
    accept('good', 'k');
    intake.sweep();
    expect(intake.size).toBe(1);
  });
});
