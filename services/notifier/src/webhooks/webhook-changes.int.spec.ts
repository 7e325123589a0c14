import type { Delivery } from '@handover/bus';
import {
  pingWebhook,
  rotateWebhookSecret,
  updateWebhook,
  type AnswerOf,
  type BodyOf,
  type Principal,
  type RequestContract,
} from '@handover/contracts';
import type { ReceivedRequest } from '@handover/testkit';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { notifierInHand } from '../test/in-hand.js';
import { vault, type Pipeline } from '../test/pipeline.js';
import { webhookRoutes } from './webhook.routes.js';

const inHand = notifierInHand();
const { receiver, pipeline } = inHand;

/** Asks as a member of the pipeline's tenant, or of another. */
async function ask<C extends RequestContract>(
  pipe: Pipeline,
  contract: C,
  body: unknown,
  tenant = pipe.tenant,
): Promise<AnswerOf<C>> {
  const as: Principal = { tenant, kind: 'user', id: 'u1', info: {}, roles: [], privileges: ['webhooks:write'] };
  const routes = webhookRoutes({
    db: inHand.database.db,
    transact: inHand.database.transact,
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

describe('a webhook’s key pair', () => {
  const signatures = ({ headers }: ReceivedRequest) =>
    (headers['webhook-signature'] ?? '').split(' ').map((signature) => signature.split(',')[0]);

  it('is made when it is asked for, replaced with the secret, and kept when it is not used', async () => {
    const target = await receiver();
    const pipe = pipeline();
    const { id } = await pipe.webhook(target.url);
    pipe.start();
    const sent = async (n: number) => {
      await pipe.emit(pipe.event(`p${n}`));
      return signatures(await target.request(n));
    };
    expect(await sent(1)).toEqual(['v1']);

    const { webhook } = await ask(pipe, updateWebhook, { id, signing: 'v1a' });
    expect(webhook.publicKey).toMatch(/^whpk_[\w+/]{43}=$/);
    expect(await sent(2)).toEqual(['v1', 'v1a']);

    const { publicKey } = await ask(pipe, rotateWebhookSecret, { id });
    expect(publicKey).not.toBe(webhook.publicKey);
    expect(await sent(3)).toEqual(['v1', 'v1a', 'v1', 'v1a']);

    const { webhook: back } = await ask(pipe, updateWebhook, { id, signing: 'v1' });
    expect(back).toMatchObject({ signing: 'v1', publicKey });
    expect(await sent(4)).toEqual(['v1', 'v1']);
  });
});

describe('a webhook’s headers', () => {
  it('are sent along, and shown but for the credentials', async () => {
    const target = await receiver();
    const pipe = pipeline();
    const { id } = await pipe.webhook(target.url);
    const headers = { Authorization: 'Bearer s3cret', 'X-Api-Key': 'k3y', 'X-Origin': 'handover' };
    const { webhook } = await ask(pipe, updateWebhook, { id, headers });
    pipe.start();
    await pipe.emit(pipe.event('p1'));

    expect((await target.request(1)).headers).toMatchObject({
      authorization: 'Bearer s3cret',
      'x-api-key': 'k3y',
      'x-origin': 'handover',
      'content-type': 'application/json',
    });
    expect(webhook.headers).toEqual({ Authorization: '***', 'X-Api-Key': '***', 'X-Origin': 'handover' });
    const kept = await pipe.inTenant((tx) => tx.selectFrom('webhooks').selectAll().where('id', '=', id).execute());
    expect(JSON.stringify(kept)).not.toMatch(/s3cret|k3y/);

    const { webhook: without } = await ask(pipe, updateWebhook, { id, headers: null });
    await pipe.emit(pipe.event('p2'));
    expect((await target.request(2)).headers).not.toHaveProperty('authorization');
    expect(without).not.toHaveProperty('headers');
  });

  it('are not replaced by what hides them', async () => {
    const pipe = pipeline();
    const { id } = await pipe.webhook('https://example.com/');
    await expect(ask(pipe, updateWebhook, { id, headers: { Authorization: '***' } })).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '/headers/Authorization' }],
    });
  });
});

describe('a ping', () => {
  it('reaches a webhook that subscribed to something else, and is logged as any delivery', async () => {
    const target = await receiver(500, 200);
    const pipe = pipeline({ schedule: [0, 10] });
    const { id, secret } = await pipe.webhook(target.url, ['process.completed']);
    pipe.start();
    const { delivery } = await ask(pipe, pingWebhook, { id });

    const request = await target.request(2);
    expect(request.headers['webhook-id']).toBe(delivery);
    expect(new Webhook(secret).verify(request.body, request.headers)).toMatchObject({
      type: 'webhook.ping',
      data: { event: delivery, tenant: pipe.tenant, subject: id },
    });
    await pipe.logged('delivered');
    expect(await pipe.deliveries()).toMatchObject([{ id: delivery, event: 'webhook.ping', attempts_made: 2 }]);
  });

  it('is not sent to one that is disabled, nor to somebody else’s', async () => {
    const pipe = pipeline();
    const { id } = await pipe.webhook('https://example.com/');
    await expect(ask(pipe, pingWebhook, { id }, 'theirs')).rejects.toMatchObject({ code: 'webhook_not_found' });
    await ask(pipe, updateWebhook, { id, enabled: false });
    await expect(ask(pipe, pingWebhook, { id })).rejects.toMatchObject({ code: 'state_conflict' });
    expect(await pipe.deliveries()).toEqual([]);
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
    await pipe.logged('webhook disabled');
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
