import { Recording } from '@handover/testkit';
import { describe, expect, test } from 'vitest';
import { type Contract, gate, message, PROCESSES, started, TASKS } from '../world.js';

export function lifecycleContract({ open }: Contract): void {
  describe('start and stop', () => {
    test('are idempotent and may overlap', async () => {
      const world = open();
      const bus = world.bus('worker');
      await Promise.all([bus.start(), bus.start()]);
      await bus.start();
      await expect(bus.ready()).resolves.toBeUndefined();
      await Promise.all([bus.stop(), bus.stop()]);
      await bus.stop();
      await expect(bus.ready()).rejects.toMatchObject({ code: 'stopped' });
    });

    test('survive being mixed, again and again, and leave the place free for the next', async () => {
      const world = open();
      for (let round = 0; round < 10; round++) {
        const bus = world.bus('worker');
        await bus.respond('worker', async () => ({ status: 'ok', body: round }));
        const starting = bus.start();
        if (round % 2 === 0) await starting;
        await Promise.all([bus.stop(), bus.stop()]);
        await starting;
      }
      const [caller, worker] = await started(world, 'caller', 'worker');
      await worker.respond('worker', async () => ({ status: 'ok', body: 'last' }));
      await expect(caller.request('worker', message(1), { timeoutMs: 5_000 })).resolves.toMatchObject({ body: 'last' });
    });

    test('say what is the matter before the start and after the stop', async () => {
      const bus = open().bus('worker');
      await expect(bus.ready()).rejects.toMatchObject({ code: 'unavailable' });
      await expect(bus.send(TASKS, message(1))).rejects.toMatchObject({ code: 'unavailable' });
      await bus.stop();
      await expect(bus.start()).rejects.toMatchObject({ code: 'stopped' });
      for (const attempt of [
        bus.send(TASKS, message(1)),
        bus.publish('a.b', message(1)),
        bus.request('caller', message(1), { timeoutMs: 100 }),
        bus.consume(TASKS, async () => ({ kind: 'done' })),
        bus.broadcast('c', message(1)),
      ]) {
        await expect(attempt).rejects.toMatchObject({ code: 'stopped' });
      }
    });

    test('handlers may be registered before the start', async () => {
      const world = open();
      const worker = world.bus('worker');
      const seen = new Recording<unknown>('messages');
      await worker.respond('worker', async () => ({ status: 'ok', body: 'early' }));
      await worker.subscribe(PROCESSES, async ({ body }) => {
        seen.record(body);
        return { kind: 'done' };
      });
      await worker.start();
      const [caller] = await started(world, 'caller');
      await expect(caller.request('worker', message(1), { timeoutMs: 5_000 })).resolves.toMatchObject({
        body: 'early',
      });
      await caller.publish('acme.process.started', message('event'));
      expect(await seen.nth(1)).toBe('event');
    });

    test('a stop lets the deliveries in hand end, which may still send; the rest goes to the next process', async () => {
      const world = open();
      const [caller, worker] = await started(world, 'caller', 'worker');
      const busy = gate();
      const begun = new Recording<unknown>('begun');
      await caller.respond('caller', async () => ({ status: 'ok', body: null }));
      await worker.respond('worker', async ({ body }) => {
        begun.record(body);
        await busy.opened;
        return caller.request('caller', message(1), { timeoutMs: 5_000 });
      });
      await worker.consume(
        TASKS,
        async ({ body }) => {
          begun.record(body);
          await busy.opened;
          return { kind: 'done' };
        },
        { concurrency: 1 },
      );
      const asked = caller.request('worker', message('request'), { timeoutMs: 10_000 });
      await begun.nth(1);
      const sent = ['one', 'two'].map((body) => caller.send(TASKS, message(body, { key: 'k' })));
      await begun.nth(2);

      const stopped = worker.stop();
      busy.open();
      await stopped;

      await expect(asked).resolves.toMatchObject({ status: 'ok' });
      expect(begun.items).toEqual(['request', 'one']);
      const [next] = await started(world, 'worker');
      const rest = new Recording<unknown>('rest');
      await next.consume(TASKS, async ({ body }) => {
        rest.record(body);
        return { kind: 'done' };
      });
      expect(await rest.nth(1)).toBe('two');
      await Promise.all(sent);
    });

    test('a stop does not wait longer than its grace, and tells the handlers', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const begun = new Recording<AbortSignal>('begun');
      const never = gate();
      const hang = async ({ signal }: { signal: AbortSignal }) => {
        begun.record(signal);
        await never.opened;
      };
      await worker.consume(TASKS, async (delivery) => {
        await hang(delivery);
        return { kind: 'done' };
      });
      const sent = caller.send(TASKS, message(1), { timeoutMs: 5_000 }).catch((error: unknown) => error);
      const signal = await begun.nth(1);
      await worker.stop({ graceMs: 50 });
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toMatchObject({ code: 'stopped' });
      await caller.stop();
      await sent;
    });

    test('a stop ends what waits for an answer', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const begun = new Recording<unknown>('begun');
      const never = gate();
      await worker.respond('worker', async () => {
        begun.record(null);
        await never.opened;
        return { status: 'ok', body: null };
      });
      const asked = caller.request('worker', message(1), { timeoutMs: 20_000 });
      asked.catch(() => undefined);
      await begun.nth(1);
      await caller.stop();
      await expect(asked).rejects.toMatchObject({ code: 'stopped' });
      never.open();
    });
  });
}
