import { Recording } from '@handover/testkit';
import { describe, expect, test } from 'vitest';
import type { Bus } from '../../src/index.js';
import { type Contract, gate, message, started, TASKS } from '../world.js';

interface Step {
  readonly key: string;
  readonly step: number;
}

const KEYS = 5;

/** The first time each step was handled, by key. A step may be handled again: then it is recognised by its id. */
async function collect(worker: Bus): Promise<Recording<Step>> {
  const steps = new Recording<Step>('steps');
  const seen = new Set<string>();
  await worker.consume(TASKS, async ({ id, body }) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (!seen.has(id)) steps.record(body as Step);
    seen.add(id);
    return { kind: 'done' };
  });
  return steps;
}

function expectComplete(steps: Recording<Step>, total: number): void {
  for (let k = 0; k < KEYS; k++) {
    const of = steps.items.filter(({ key }) => key === `k${k}`).map(({ step }) => step);
    expect(of).toEqual(Array.from({ length: Math.ceil((total - k) / KEYS) }, (_, index) => index * KEYS + k));
  }
}

/** Sends steps from every key in order until `total`, telling how many are safe. */
function sendSteps(caller: Bus, total: number, safe: Recording<number>): Promise<unknown> {
  const ofKey = async (k: number) => {
    for (let step = k; step < total; step += KEYS) {
      await caller.send(TASKS, message({ key: `k${k}`, step }, { key: `k${k}` }), { timeoutMs: 25_000 });
      safe.record(step);
    }
  };
  return Promise.all(Array.from({ length: KEYS }, (_, k) => ofKey(k)));
}

export function networkContract({ open }: Contract): void {
  describe('network', () => {
    test('connections cut again and again under load: nothing is lost, each key keeps its order', async () => {
      const world = open();
      const [caller, worker] = await started(world, 'caller', 'worker');
      const steps = await collect(worker);
      const safe = new Recording<number>('messages');
      const total = 500;
      const sending = sendSteps(caller, total, safe);
      for (const after of [50, 120, 200, 350]) {
        await safe.nth(after, 20_000);
        world.wires.cut();
      }
      await sending;
      await steps.nth(total, 20_000);
      expectComplete(steps, total);
    });

    test('everything away for a while under load: goes on by itself', async () => {
      const world = open();
      const [caller, worker] = await started(world, 'caller', 'worker');
      await worker.respond('worker', async () => ({ status: 'ok', body: 'back' }));
      const steps = await collect(worker);
      const safe = new Recording<number>('messages');
      const sending = sendSteps(caller, 200, safe);
      await safe.nth(60);

      await world.wires.down();
      await expect(caller.request('worker', message(1), { timeoutMs: 5_000 })).rejects.toMatchObject({
        code: 'unavailable',
      });
      await world.wires.up();

      await sending;
      await steps.nth(200, 20_000);
      expectComplete(steps, 200);
      await expect(caller.request('worker', message(1), { timeoutMs: 5_000 })).resolves.toMatchObject({ body: 'back' });
    });

    test('a half-open connection is noticed and replaced', async () => {
      const world = open();
      const [caller, worker] = await started(world, 'caller', 'worker');
      const steps = await collect(worker);
      await caller.send(TASKS, message({ key: 'k0', step: 0 }, { key: 'k0' }));

      world.wires.stall();
      const sent = caller.send(TASKS, message({ key: 'k0', step: KEYS }, { key: 'k0' }), { timeoutMs: 25_000 });

      await sent;
      await steps.nth(2, 20_000);
      expect(steps.items.map(({ step }) => step)).toEqual([0, KEYS]);
    });

    test('a request under way when the connection breaks is told at once and not repeated', async () => {
      const world = open();
      const [caller, worker] = await started(world, 'caller', 'worker');
      const busy = gate();
      const handled = new Recording<unknown>('requests');
      await worker.respond('worker', async ({ body }) => {
        handled.record(body);
        if (body === 'first') await busy.opened;
        return { status: 'ok', body };
      });
      const asked = caller.request('worker', message('first'), { timeoutMs: 20_000 });
      asked.catch(() => undefined);
      await handled.nth(1);
      world.wires.cut();
      await expect(asked).rejects.toMatchObject({ code: 'unavailable' });
      busy.open();
      await untilAnswered(caller);
      expect(handled.items.filter((body) => body === 'first')).toHaveLength(1);
    });

    test('a message still being handled when the connection breaks is not handled twice at once', async () => {
      const world = open();
      const [caller, worker] = await started(world, 'caller', 'worker');
      const busy = gate();
      const begun = new Recording<unknown>('begun');
      await worker.respond('worker', async ({ body }) => ({ status: 'ok', body }));
      await worker.consume(TASKS, async ({ body }) => {
        begun.record(body);
        if (body === 'first') await busy.opened;
        return { kind: 'done' };
      });
      const sent = ['first', 'second'].map((body) =>
        caller.send(TASKS, message(body, { key: 'k' }), { timeoutMs: 20_000 }),
      );
      await begun.nth(1);
      world.wires.cut();
      await untilAnswered(caller);
      busy.open();
      await Promise.all(sent);
      await begun.nth(2);
      expect(begun.items).toEqual(['first', 'second']);
    });
  });
}

/** Both sides are connected again as soon as a request comes back. */
async function untilAnswered(caller: Bus): Promise<void> {
  for (;;) {
    try {
      await caller.request('worker', message('again'), { timeoutMs: 1_000 });
      return;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'BusError') throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
