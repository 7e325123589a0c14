import type { Delivery } from '@handover/bus';
import {
  rotateWebhookSecret,
  updateWebhook,
  type AnswerOf,
  type BodyOf,
  type Principal,
  type RequestContract,
} from '@handover/contracts';
import { startReceiver, type Answer, type Receiver } from '@handover/testkit';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Pipeline, notifierDatabase, vault, type NotifierDatabase, type Settings } from '../test/pipeline.js';
import { webhookRoutes } from './webhook.routes.js';

let database: NotifierDatabase;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await notifierDatabase();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => database.close());

async function receiver(...script: Answer[]): Promise<Receiver> {
  const started = await startReceiver({ script });
  closers.push(() => started.close());
  return started;
}

function pipeline(settings?: Settings): Pipeline {
  const created = new Pipeline(database, settings);
  closers.push(() => created.stop(100));
  return created;
}

/** Asks as a member of the pipeline's tenant, or of another. */
async function ask<C extends RequestContract>(
  pipe: Pipeline,
  contract: C,
  body: unknown,
  tenant = pipe.tenant,
): Promise<AnswerOf<C>> {
  const as: Principal = { tenant, kind: 'user', id: 'u1', info: {}, roles: [], privileges: ['webhooks:write'] };
  const routes = webhookRoutes({
    db: database.db,
    verifier: { verify: async () => as },
    vault,
    keys: pipe.keys,
    policy: { allowLoopback: true },
    changed: () => pipe.dispatchers.forEach((dispatcher) => dispatcher.wake()),
  });
  const route = routes.find((candidate) => candidate.contract.type === contract.type);
  const parsed = contract.body.parse(body) as BodyOf<C>;
  const signal = new AbortController().signal;
  const delivery: Delivery = { id: 'm1', type: contract.type, headers: {}, body: parsed, attempt: 1, signal };
  return (await route?.handle(parsed, delivery)) as AnswerOf<C>;
}

const verifies = (secret: string, { body, headers }: { body: string; headers: Readonly<Record<string, string>> }) => {
  try {
    new Webhook(secret).verify(body, { ...headers });
    return true;
  } catch {
    return false;
  }
};

describe('a webhook’s secret', () => {
  it('is replaced while the old one goes on signing, and ends when it is told to', async () => {
    const target = await receiver();
    const pipe = pipeline();
    const { id, secret: first } = await pipe.webhook(target.url);
    pipe.start();

    const { secret: second, oldUntil } = await ask(pipe, rotateWebhookSecret, { id, overlap: 3_600 });
    const { secret: third } = await ask(pipe, rotateWebhookSecret, { id });
    await pipe.emit(pipe.event('p1'));
    const signedByAll = await target.request(1);
    expect([first, second, third].map((secret) => verifies(secret, signedByAll))).toEqual([true, true, true]);
    expect(signedByAll.headers['webhook-signature']?.split(' ')).toHaveLength(3);
    expect(Date.parse(oldUntil)).toBeGreaterThan(Date.now() + 3_500_000);

    const { secret: fourth } = await ask(pipe, rotateWebhookSecret, { id, overlap: 0 });
    await pipe.emit(pipe.event('p2'));
    const signedByOne = await target.request(2);
    expect([first, second, third, fourth].map((secret) => verifies(secret, signedByOne))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it('is nobody else’s to replace', async () => {
    const pipe = pipeline();
    const { id } = await pipe.webhook('https://example.com/');
    await expect(ask(pipe, rotateWebhookSecret, { id }, 'theirs')).rejects.toMatchObject({ code: 'webhook_not_found' });
  });
});

describe('a webhook', () => {
  it('that moves gets what waits for it at once, with the same webhook-id', async () => {
    const [old, next] = [await receiver(500), await receiver()];
    const pipe = pipeline({ schedule: [0, 3_600_000] });
    const { id } = await pipe.webhook(old.url);
    pipe.start();
    await pipe.emit(pipe.event('p1'));
    await pipe.logged('attempt failed');

    const { webhook } = await ask(pipe, updateWebhook, { id, url: next.url, description: 'moved' });

    expect(webhook).toMatchObject({ id, url: next.url, description: 'moved', events: ['*'] });
    const moved = await next.request(1);
    expect(moved.headers['webhook-id']).toBe(old.requests[0]?.headers['webhook-id']);
    await pipe.logged('delivered');
    expect(old.requests).toHaveLength(1);
  });

  it('hears of the events and scenarios it asks for', async () => {
    const target = await receiver();
    const pipe = pipeline();
    const { id } = await pipe.webhook(target.url, ['process.completed']);
    await ask(pipe, updateWebhook, { id, events: ['process.*', 'process.*'], scenarios: ['other'] });
    await pipe.emit(pipe.event('p1'));
    expect(await pipe.deliveries()).toEqual([]);

    const { webhook } = await ask(pipe, updateWebhook, { id, scenarios: ['other', 's1'] });
    await pipe.emit(pipe.event('p2'));
    expect(await pipe.deliveries()).toMatchObject([{ process_id: 'p2' }]);
    expect(webhook).toMatchObject({ events: ['process.*'], scenarios: ['other', 's1'] });

    const { webhook: again } = await ask(pipe, updateWebhook, { id, scenarios: null });
    await pipe.emit(pipe.event('p3'));
    expect(await pipe.deliveries()).toHaveLength(2);
    expect(again).not.toHaveProperty('scenarios');
  });

  it('that was gone is told of what happens after somebody enables it', async () => {
    const target = await receiver(410, 200);
    const pipe = pipeline();
    const { id } = await pipe.webhook(target.url);
    pipe.start();
    await pipe.emit(pipe.event('p1'));
    await pipe.logged('receiver is gone, webhook disabled');
    await pipe.emit(pipe.event('p2'));

    const { webhook } = await ask(pipe, updateWebhook, { id, enabled: true });
    expect(webhook).not.toHaveProperty('disabled');
    const after = pipe.event('p3');
    await pipe.emit(after);

    expect((await target.request(2)).body).toContain(after.id);
  });

  it('that is stopped gets nothing more: what is pending is cancelled', async () => {
    const target = await receiver();
    const pipe = pipeline();
    const { id } = await pipe.webhook(target.url);
    await pipe.emit(pipe.event('p1'));
    const { webhook } = await ask(pipe, updateWebhook, { id, enabled: false });
    expect(webhook.disabled).toMatch(/Z$/);
    await pipe.emit(pipe.event('p2'));
    expect(await pipe.deliveries()).toMatchObject([{ status: 'cancelled' }]);
    expect(await pipe.lanes()).toEqual([]);
  });

  it.each(['http://10.0.0.1/', 'https://me:pw@example.com/'])('cannot move to %s', async (url) => {
    const pipe = pipeline();
    const { id } = await pipe.webhook('https://example.com/');
    await expect(ask(pipe, updateWebhook, { id, url })).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '/url' }],
    });
  });

  it('is nobody else’s to change', async () => {
    const pipe = pipeline();
    const { id } = await pipe.webhook('https://example.com/');
    const theirs = ask(pipe, updateWebhook, { id, enabled: false }, 'theirs');
    await expect(theirs).rejects.toMatchObject({ code: 'webhook_not_found' });
  });
});
