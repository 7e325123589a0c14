import { Recording } from '@handover/testkit';
import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../src/index.js';
import { type Contract, gate, message, started } from '../world.js';

export function requestContract({ open }: Contract): void {
  describe('request', () => {
    test('brings the message to the service and its reply back', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const seen = new Recording<Delivery>('requests');
      await worker.respond('worker', async (request) => {
        seen.record(request);
        return { status: 'problem', body: { title: 'no such process', ümlaut: '✓', nested: [null, 1.5, false] } };
      });
      const headers = {
        requestId: 'r-1',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        tenant: 'acme',
        principal: 'a.b.c',
        authorization: 'Bearer t',
        idempotencyKey: 'k-1',
        contentType: 'application/vnd.test+json',
      };
      const asked = message({ process: '✓' }, { id: 'm-1', type: 'process.step.v1', headers });

      const reply = await caller.request('worker', asked, { timeoutMs: 5_000 });

      expect(reply).toEqual({
        status: 'problem',
        body: { title: 'no such process', ümlaut: '✓', nested: [null, 1.5, false] },
      });
      const { signal, ...request } = await seen.nth(1);
      expect(signal.aborted).toBe(false);
      expect(request).toEqual({ ...asked, attempt: 1, headers: { ...headers, deadline: expect.any(Number) } });
      expect(request.headers.deadline).toBeGreaterThan(Date.now());
    });

    test('rejects with timeout at the deadline and tells the handler', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const aborted = new Recording<unknown>('aborts');
      await worker.respond('worker', async ({ signal }) => {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        aborted.record(signal.reason);
        return { status: 'ok', body: null };
      });

      const asked = caller.request('worker', message(1), { timeoutMs: 200 });

      await expect(asked).rejects.toMatchObject({ name: 'BusError', code: 'timeout', retryable: true });
      expect(await aborted.nth(1)).toMatchObject({ code: 'timeout' });
    });

    test('does not carry out a request whose deadline passed while it waited for its turn', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const busy = gate();
      const handled = new Recording<unknown>('requests');
      await worker.respond(
        'worker',
        async ({ body }) => {
          handled.record(body);
          await busy.opened;
          return { status: 'ok', body };
        },
        { concurrency: 1 },
      );
      const first = caller.request('worker', message('first'), { timeoutMs: 20_000 });
      await handled.nth(1);
      const late = caller.request('worker', message('late'), { timeoutMs: 100 });
      await expect(late).rejects.toMatchObject({ code: 'timeout' });

      busy.open();
      await first;
      await caller.request('worker', message('last'), { timeoutMs: 20_000 });

      expect(handled.items).toEqual(['first', 'last']);
    });

    test('rejects with unavailable when the handler throws, and goes on', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      await worker.respond('worker', async ({ body }) => {
        if (body === 'bad') throw new Error('secret detail');
        return { status: 'ok', body };
      });

      const failed = caller.request('worker', message('bad'), { timeoutMs: 5_000 });

      await expect(failed).rejects.toMatchObject({ code: 'unavailable' });
      await expect(failed).rejects.not.toThrow('secret');
      await expect(caller.request('worker', message('good'), { timeoutMs: 5_000 })).resolves.toMatchObject({
        body: 'good',
      });
    });

    test('keeps many at a time apart, and no more in hand than the handler takes', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      let inHand = 0;
      let most = 0;
      await worker.respond(
        'worker',
        async ({ body }) => {
          most = Math.max(most, ++inHand);
          await new Promise((resolve) => setImmediate(resolve));
          inHand--;
          return { status: 'ok', body: { echo: body } };
        },
        { concurrency: 8 },
      );

      const numbers = Array.from({ length: 500 }, (_, index) => index);
      const replies = await Promise.all(
        numbers.map((n) => caller.request('worker', message(n), { timeoutMs: 20_000 })),
      );

      expect(replies.map(({ body }) => body)).toEqual(numbers.map((n) => ({ echo: n })));
      expect(most).toBe(8);
    });

    test('works both ways between two processes, and with oneself', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      await worker.respond('worker', async () => caller.request('caller', message(null), { timeoutMs: 5_000 }));
      await caller.respond('caller', async () => ({ status: 'ok', body: 'from the caller' }));
      await expect(caller.request('worker', message(null), { timeoutMs: 5_000 })).resolves.toMatchObject({
        body: 'from the caller',
      });
      await expect(caller.request('caller', message(null), { timeoutMs: 5_000 })).resolves.toMatchObject({
        status: 'ok',
      });
    });

    test('fails fast with unavailable when nobody serves, long before the deadline', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const before = performance.now();
      const absent = caller.request('worker', message(1), { timeoutMs: 20_000 });
      await expect(absent).rejects.toMatchObject({ code: 'unavailable' });
      await worker.stop();
      const gone = caller.request('worker', message(1), { timeoutMs: 20_000 });
      await expect(gone).rejects.toMatchObject({ code: 'unavailable' });
      expect(performance.now() - before).toBeLessThan(5_000);
    });

    test('refuses what cannot be asked: an unknown service, no JSON, too large', async () => {
      const [caller] = await started(open(), 'caller');
      const ask = (service: string, body: unknown) => caller.request(service, message(body), { timeoutMs: 1_000 });
      await expect(ask('nobody', 1)).rejects.toMatchObject({ code: 'unroutable', retryable: false });
      await expect(ask('worker', undefined)).rejects.toMatchObject({ code: 'malformed', retryable: false });
      await expect(ask('worker', 1n)).rejects.toMatchObject({ code: 'malformed' });
      await expect(ask('worker', 'x'.repeat(9 * 1024 * 1024))).rejects.toMatchObject({ code: 'malformed' });
      const unnamed = caller.request('worker', message(1, { type: '' }), { timeoutMs: 1_000 });
      await expect(unnamed).rejects.toThrow('type');
    });

    test('carries a body of megabytes', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      await worker.respond('worker', async ({ body }) => ({ status: 'ok', body }));
      const large = 'x'.repeat(7 * 1024 * 1024);
      const { body } = await caller.request('worker', message(large), { timeoutMs: 20_000 });
      expect(body === large).toBe(true);
    });

    test('tells the caller when the reply cannot be sent', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      await worker.respond('worker', async () => ({ status: 'ok', body: undefined }));
      const asked = caller.request('worker', message(1), { timeoutMs: 5_000 });
      await expect(asked).rejects.toMatchObject({ code: 'unavailable' });
    });

    test('lets a service be answered by its own process alone, and by one handler', async () => {
      const [caller, worker] = await started(open(), 'caller', 'worker');
      const answer = async () => ({ status: 'ok', body: null }) as const;
      await expect(caller.respond('worker', answer)).rejects.toMatchObject({ code: 'unroutable' });
      const registration = await worker.respond('worker', answer);
      await expect(worker.respond('worker', answer)).rejects.toThrow('already');
      await Promise.all([registration.close(), registration.close()]);
      await worker.respond('worker', answer);
      await expect(caller.request('worker', message(1), { timeoutMs: 5_000 })).resolves.toMatchObject({ status: 'ok' });
    });
  });
}
