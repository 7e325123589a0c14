import { Recording } from '@handover/testkit';
import { describe, expect, test } from 'vitest';
import { type Contract, DELIVERY_LIMIT, gate, message, started, TASKS } from '../world.js';

interface Step {
  readonly key: string;
  readonly step: number;
}

export function orderContract({ open }: Contract): void {
  describe('order', () => {
    test('holds per key, one at a time, while handlers fail and take their time', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const done = new Recording<Step>('steps');
      const busy = new Set<string>();
      let overlaps = 0;
      await worker.consume(TASKS, async ({ body, attempt }) => {
        const { key, step } = body as Step;
        if (busy.has(key)) overlaps++;
        busy.add(key);
        await new Promise((resolve) => setTimeout(resolve, (step * 7) % 5));
        busy.delete(key);
        if (attempt === 1 && step % 3 === 0) return { kind: 'retry', afterMs: step % 7 };
        if (attempt === 1 && step % 5 === 0) throw new Error('not now');
        done.record({ key, step });
        return { kind: 'done' };
      });
      const keys = Array.from({ length: 5 }, (_, index) => `k${index}`);
      const steps = Array.from({ length: 20 }, (_, index) => index);

      await Promise.all(
        steps.flatMap((step) => keys.map((key) => caller.send(TASKS, message({ key, step }, { key })))),
      );

      await done.nth(keys.length * steps.length, 20_000);
      expect(overlaps).toBe(0);
      for (const key of keys) expect(done.items.filter((s) => s.key === key).map((s) => s.step)).toEqual(steps);
    });

    test('lets different keys, and messages without one, be handled at the same time', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const met = gate();
      const arrived = new Recording<unknown>('arrivals');
      await worker.consume(TASKS, async ({ body }) => {
        arrived.record(body);
        if (arrived.items.length === 4) met.open();
        // Each waits for all the others: one after the other, they would never meet.
        await met.opened;
        return { kind: 'done' };
      });
      const sent = [{ key: 'a' }, { key: 'b' }, {}, {}].map((rest, n) => caller.send(TASKS, message(n, rest)));
      await Promise.all(sent);
      await arrived.nth(4);
      expect(arrived.items).toHaveLength(4);
    });

    test('a failing key does not hold up the others', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const done = new Recording<unknown>('messages');
      await worker.consume(TASKS, async ({ key, body, attempt }) => {
        if (key === 'stuck' && done.items.length < 10 && attempt < DELIVERY_LIMIT)
          return { kind: 'retry', afterMs: 500 };
        done.record(body);
        return { kind: 'done' };
      });
      const stuck = [1, 2].map((n) => caller.send(TASKS, message(`stuck ${n}`, { key: 'stuck' })));
      const others = Array.from({ length: 10 }, (_, n) => caller.send(TASKS, message(n, { key: `other ${n}` })));
      await Promise.all([...stuck, ...others]);
      await done.nth(12);
      expect(done.items.slice(-2)).toEqual(['stuck 1', 'stuck 2']);
    });

    test('a consumer slower than its senders loses nothing, reorders nothing and holds no more than it asked for', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const done = new Recording<Step>('steps');
      let inHand = 0;
      let most = 0;
      await worker.consume(
        TASKS,
        async ({ body }) => {
          most = Math.max(most, ++inHand);
          await new Promise((resolve) => setTimeout(resolve, 1));
          inHand--;
          done.record(body as Step);
          return { kind: 'done' };
        },
        { concurrency: 4 },
      );
      const total = 1_000;
      let next = 0;
      const sender = async () => {
        while (next < total) {
          const step = next++;
          const key = `k${step % 8}`;
          await caller.send(TASKS, message({ key, step }, { key }));
        }
      };

      await Promise.all(Array.from({ length: 50 }, sender));

      await done.nth(total, 20_000);
      expect(most).toBeLessThanOrEqual(4);
      for (let k = 0; k < 8; k++) {
        const steps = done.items.filter(({ key }) => key === `k${k}`).map(({ step }) => step);
        expect(steps).toEqual(Array.from({ length: total / 8 }, (_, index) => index * 8 + k));
      }
    });
  });
}
