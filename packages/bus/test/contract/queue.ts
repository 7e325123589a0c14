import { Recording } from '@handover/testkit';
import { describe, expect, test } from 'vitest';
import type { Delivery, MessageHandler } from '../../src/index.js';
import { type Contract, DELIVERY_LIMIT, gate, message, started, TASKS, WINDOW } from '../world.js';
import { testIf } from './needs.js';

/** Records what it is given and acknowledges it. */
const acknowledge =
  (seen: Recording<Delivery>): MessageHandler =>
  async (delivery) => {
    seen.record(delivery);
    return { kind: 'done' };
  };

export function queueContract({ open, capabilities }: Contract): void {
  describe('send', () => {
    test('delivers a message once when it is acknowledged', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const seen = new Recording<Delivery>('deliveries');
      await worker.consume(TASKS, acknowledge(seen));
      const sent = message({ process: 'p-1' }, { key: 'p-1', headers: { tenant: 'acme', requestId: 'r-1' } });

      await caller.send(TASKS, sent);
      await caller.send(TASKS, message('last'));

      const { signal: _, ...delivery } = await seen.nth(1);
      expect(delivery).toEqual({ ...sent, attempt: 1 });
      expect(await seen.nth(2)).toMatchObject({ body: 'last' });
      expect(seen.items).toHaveLength(2);
    });

    test.each([
      ['throws', async () => Promise.reject(new Error('not now'))],
      ['asks to retry', async () => ({ kind: 'retry', reason: 'not now' }) as const],
    ])('delivers again when the handler %s, with the same id', async (_, fail) => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const seen = new Recording<Delivery>('deliveries');
      await worker.consume(TASKS, async (delivery) => {
        seen.record(delivery);
        return delivery.attempt === 1 ? fail() : { kind: 'done' };
      });
      const sent = message('task');

      await caller.send(TASKS, sent);

      const [first, second] = [await seen.nth(1), await seen.nth(2)];
      expect([first.id, second.id]).toEqual([sent.id, sent.id]);
      expect([first.attempt, second.attempt]).toEqual([1, 2]);
      expect(second.body).toBe('task');
    });

    test('waits as long as the handler asks before it delivers again', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const at = new Recording<number>('deliveries');
      await worker.consume(TASKS, async ({ attempt }) => {
        at.record(performance.now());
        return attempt === 1 ? { kind: 'retry', afterMs: 500 } : { kind: 'done' };
      });
      await caller.send(TASKS, message('task'));
      const [first, second] = [await at.nth(1), await at.nth(2)];
      // A timer may fire a millisecond early by this clock.
      expect(second - first).toBeGreaterThanOrEqual(499);
      expect(second - first).toBeLessThan(5_000);
    });

    test('does not deliver a rejected message again; the next of its key goes on', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const seen = new Recording<unknown>('deliveries');
      await worker.consume(TASKS, async ({ body }) => {
        seen.record(body);
        return body === 'bad' ? { kind: 'reject', reason: 'no such process' } : { kind: 'done' };
      });
      await Promise.all(['bad', 'good'].map((body) => caller.send(TASKS, message(body, { key: 'k' }))));
      await caller.send(TASKS, message('last', { key: 'k' }));
      await seen.nth(3);
      expect(seen.items).toEqual(['bad', 'good', 'last']);
    });

    testIf(capabilities.deadLetters, 'keeps a rejected message with its reason', async () => {
      const world = open();
      const [caller, worker] = await started(world, 'caller', 'worker');
      await worker.consume(TASKS, async () => ({ kind: 'reject', reason: 'no such process' }));
      const sent = message('task');
      await caller.send(TASKS, sent);
      expect(await world.deadLetter()).toMatchObject({ id: sent.id, reason: 'no such process' });
    });

    testIf(capabilities.deadLetters, 'keeps a message that always fails, after the configured deliveries', async () => {
      const world = open();
      const [caller, worker] = await started(world, 'caller', 'worker');
      const attempts = new Recording<number>('deliveries');
      await worker.consume(TASKS, async ({ attempt }) => {
        attempts.record(attempt);
        return { kind: 'retry', afterMs: 1, reason: 'still broken' };
      });
      const sent = message('poison');
      await caller.send(TASKS, sent);
      const { id, reason } = await world.deadLetter();
      expect(id).toBe(sent.id);
      expect(reason).toBe(`given up after ${DELIVERY_LIMIT} deliveries: still broken`);
      expect(attempts.items).toEqual(Array.from({ length: DELIVERY_LIMIT }, (_, index) => index + 1));
    });

    test('waits for a consumer that starts later', async () => {
      const world = open();
      const [caller] = await started(world, 'caller');
      const sent = caller.send(TASKS, message('early'), { timeoutMs: 20_000 });
      const seen = new Recording<Delivery>('deliveries');
      const [worker] = await started(world, 'worker');
      await worker.consume(TASKS, acknowledge(seen));
      await sent;
      expect(await seen.nth(1)).toMatchObject({ body: 'early' });
    });

    testIf(
      capabilities.storesMessages,
      'keeps a message while its consumer is down, also when the sender is gone',
      async () => {
        const world = open();
        const [caller] = await started(world, 'caller');
        await caller.send(TASKS, message('kept'));
        await caller.stop();
        const seen = new Recording<Delivery>('deliveries');
        const [worker] = await started(world, 'worker');
        await worker.consume(TASKS, acknowledge(seen));
        expect(await seen.nth(1)).toMatchObject({ body: 'kept' });
      },
    );

    test('pushes back when too much waits: overloaded at once, unavailable when time is up', async () => {
      const world = open();
      const [caller] = await started(world, 'caller', 'worker');
      await world.wires.down();
      const most = WINDOW.messages + WINDOW.waiting;
      const numbers = Array.from({ length: most + 50 }, (_, index) => index);
      const results = await Promise.allSettled(numbers.map((n) => caller.send(TASKS, message(n), { timeoutMs: 500 })));
      const codes = results.map((result) =>
        result.status === 'rejected' ? (result.reason as { code: string }).code : 'sent',
      );
      const refused = codes.filter((code) => code === 'overloaded').length;
      const expired = codes.filter((code) => code === 'unavailable' || code === 'timeout').length;
      // How many depends on when the sender notices that the wire is down; the bound does not.
      expect(expired).toBeLessThanOrEqual(most);
      expect(expired).toBeGreaterThanOrEqual(WINDOW.waiting);
      expect(refused + expired).toBe(numbers.length);
      await world.wires.up();
    });

    test('refuses a queue that is unknown or another service’s, and a second handler', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const handler: MessageHandler = async () => ({ kind: 'done' });
      await expect(caller.send('nothing', message(1))).rejects.toMatchObject({ code: 'unroutable' });
      await expect(caller.consume(TASKS, handler)).rejects.toMatchObject({ code: 'unroutable' });
      await expect(worker.consume('nothing', handler)).rejects.toMatchObject({ code: 'unroutable' });
      await worker.consume(TASKS, handler);
      await expect(worker.consume(TASKS, handler)).rejects.toThrow('already');
    });

    test('a closed registration waits for what is in hand and leaves the rest to the next', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const busy = gate();
      const first = new Recording<unknown>('first handler');
      const finished = new Recording<unknown>('ends of the first handler');
      const registration = await worker.consume(
        TASKS,
        async ({ body }) => {
          first.record(body);
          await busy.opened;
          finished.record(body);
          return { kind: 'done' };
        },
        { concurrency: 1 },
      );
      const sent = [1, 2, 3].map((n) => caller.send(TASKS, message(n, { key: 'k' })));
      await first.nth(1);
      const closed = registration.close();
      busy.open();
      await closed;
      expect(finished.items).toEqual([1]);

      const second = new Recording<unknown>('second handler');
      await worker.consume(TASKS, async ({ body }) => {
        second.record(body);
        return { kind: 'done' };
      });
      await second.nth(2);
      await Promise.all(sent);
      expect([first.items, second.items]).toEqual([[1], [2, 3]]);
    });
  });
}
