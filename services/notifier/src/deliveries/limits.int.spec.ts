import type { SentNotification, ServiceConfig } from '@handover/contracts';
import { Recording } from '@handover/testkit';
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { notifierInHand } from '../test/in-hand.js';
import type { Pipeline } from '../test/pipeline.js';
import { notificationHandler } from './notification.handler.js';

const inHand = notifierInHand();
const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** A service that answers when it is told to, or at once; knows how many it is asked at a time, and when. */
async function service({ atOnce }: { atOnce: boolean }) {
  const asked = new Recording<{ at: number; answer: () => void }>('requests');
  let underWay = 0;
  const seen = { most: 0 };
  const server = createServer((request, response: ServerResponse) => {
    seen.most = Math.max(seen.most, ++underWay);
    request.resume();
    const answer = (): void => {
      underWay--;
      response.writeHead(204).end();
    };
    asked.record({ at: performance.now(), answer });
    if (atOnce) answer();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked, seen };
}

/** A running dispatcher that knows one service. */
function dispatching(config: Partial<ServiceConfig> & { readonly url: string }): Pipeline {
  const pipe = inHand.pipeline({ each: 32 });
  const defaults = { provider: 'webhook', method: 'POST', headers: {}, timeout: 10_000 };
  pipe.services.set('worker', { name: 'worker', config: { ...defaults, ...config } as ServiceConfig, trusted: true });
  pipe.start();
  return pipe;
}

/** Notifies the service about as many processes. */
async function notify(pipe: Pipeline, count: number): Promise<void> {
  const handle = notificationHandler({ transact: inHand.database.transact, onStored: () => undefined });
  const about = { tenant: pipe.tenant, etag: 'e1', state: 'initial', entered: '2026-01-01T00:00:00.000Z' };
  const sent = Array.from({ length: count }, (): SentNotification => ({
    ...about,
    id: `ntf_${randomBytes(16).toString('hex')}`,
    process: randomUUID(),
    service: 'worker',
    scenario: { id: 's1', title: 'Quote' },
    message: {},
    capability: 'signed',
  }));
  const { signal } = new AbortController();
  await Promise.all(
    sent.map((body) => handle({ id: body.id, type: 'service.notify.v1', headers: {}, body, attempt: 1, signal })),
  );
  for (const dispatcher of pipe.dispatchers) dispatcher.wake();
}

describe('the limits of a service', () => {
  it('keep the messages under way to it at its concurrency, whatever gets through', async () => {
    const { url, asked, seen } = await service({ atOnce: false });
    const pipe = dispatching({ url, concurrency: 2 });
    await notify(pipe, 12);
    // Each is answered when the next is there, so that there is always one more under way: as many as it may.
    let answered = 0;
    for (const next of [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) {
      await asked.nth(next);
      asked.items[answered++]?.answer();
    }
    asked.items.slice(answered).forEach(({ answer }) => answer());
    await pipe.logged('delivered', 12);
    expect(seen.most).toBe(2);
  });

  it('leave room for growth where it names none: more are under way at once', async () => {
    const { url, asked, seen } = await service({ atOnce: false });
    const pipe = dispatching({ url });
    await notify(pipe, 12);
    // Each that gets through makes room for two.
    for (let answered = 0; answered < 12; answered++) {
      await asked.nth(Math.min(12, 2 * (answered + 1)));
      asked.items[answered]?.answer();
    }
    await pipe.logged('delivered', 12);
    expect(seen.most).toBe(7);
  });

  it('space what it gets by its rate', async () => {
    const { url, asked } = await service({ atOnce: true });
    const pipe = dispatching({ url, rate: 20 });
    await notify(pipe, 8);
    await pipe.logged('delivered', 8);
    const times = asked.items.map(({ at }) => at);
    expect(times).toHaveLength(8);
    // 7 gaps of 50 ms; what a message takes on its way may shorten one, and not all of them together.
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(7 * 50 - 50);
  });
});
