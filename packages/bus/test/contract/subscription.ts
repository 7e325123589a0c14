import { Recording } from '@handover/testkit';
import { describe, expect, test } from 'vitest';
import type { Bus, MessageHandler } from '../../src/index.js';
import { COMPLETED, type Contract, message, PROCESSES, started } from '../world.js';
import { testIf } from './needs.js';

function recorder(name: string) {
  const seen = new Recording<unknown>(name);
  const handler: MessageHandler = async ({ body }) => {
    seen.record(body);
    return { kind: 'done' };
  };
  return { seen, handler };
}

const announce = (bus: Bus, topics: readonly string[]) =>
  topics.reduce((before, topic) => before.then(() => bus.publish(topic, message(topic))), Promise.resolve());

export function subscriptionContract({ open, capabilities }: Contract): void {
  describe('publish', () => {
    test('reaches every subscription with a pattern that matches, and no other', async () => {
      const [caller, worker, audit] = await started(open(), 'caller', 'worker', 'audit');
      const processes = recorder('of the worker');
      const completed = recorder('of the audit');
      await worker.subscribe(PROCESSES, processes.handler);
      await audit.subscribe(COMPLETED, completed.handler);

      await announce(caller, [
        'acme.process.completed',
        'acme.process.step.taken',
        'acme.process',
        'acme.scenario.stored',
        'other.scenario.stored',
        'process.stored',
        'completed',
        'other.process.completed',
      ]);

      await processes.seen.nth(4);
      await completed.seen.nth(4);
      expect(processes.seen.items).toEqual([
        'acme.process.completed',
        'acme.process.step.taken',
        'acme.process',
        'other.process.completed',
      ]);
      expect(completed.seen.items).toEqual([
        'acme.process.completed',
        'acme.scenario.stored',
        'completed',
        'other.process.completed',
      ]);
    });

    test('resolves when no subscription matches', async () => {
      const [caller] = await started(open(), 'caller');
      await expect(caller.publish('nobody.listens', message(1))).resolves.toBeUndefined();
    });

    test('delivers again to the subscription that failed, and to that alone', async () => {
      const [caller, worker, audit] = await started(open(), 'caller', 'worker', 'audit');
      const processes = recorder('of the worker');
      const attempts = new Recording<number>('deliveries to the audit');
      await worker.subscribe(PROCESSES, processes.handler);
      await audit.subscribe(COMPLETED, async ({ attempt }) => {
        attempts.record(attempt);
        return attempt === 1 ? { kind: 'retry', afterMs: 1 } : { kind: 'done' };
      });
      await caller.publish('acme.process.completed', message('once'));
      await attempts.nth(2);
      await caller.publish('acme.process.completed', message('last'));
      await processes.seen.nth(2);
      expect(processes.seen.items).toEqual(['once', 'last']);
    });

    test('keeps the order per key', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const { seen, handler } = recorder('of the worker');
      await worker.subscribe(PROCESSES, async (delivery) =>
        delivery.attempt === 1 && (delivery.body as number) % 4 === 0
          ? { kind: 'retry', afterMs: 2 }
          : handler(delivery),
      );
      const numbers = Array.from({ length: 60 }, (_, index) => index);
      await Promise.all(numbers.map((n) => caller.publish('acme.process.stepped', message(n, { key: 'p-1' }))));
      await seen.nth(numbers.length);
      expect(seen.items).toEqual(numbers);
    });

    testIf(capabilities.storesMessages, 'keeps what was published before the first start of its consumer', async () => {
      const world = open();
      const [caller] = await started(world, 'caller');
      await announce(caller, ['acme.process.started', 'acme.process.completed']);
      const { seen, handler } = recorder('of the worker');
      const [worker] = await started(world, 'worker');
      await worker.subscribe(PROCESSES, handler);
      await seen.nth(2);
      expect(seen.items).toEqual(['acme.process.started', 'acme.process.completed']);
    });

    test('refuses a topic that is empty or too long, and another service’s subscription', async () => {
      const [caller] = await started(open(), 'caller');
      await expect(caller.publish('', message(1))).rejects.toMatchObject({ code: 'malformed' });
      await expect(caller.publish('x'.repeat(256), message(1))).rejects.toMatchObject({ code: 'malformed' });
      const { handler } = recorder('none');
      await expect(caller.subscribe(PROCESSES, handler)).rejects.toMatchObject({ code: 'unroutable' });
    });
  });
}
