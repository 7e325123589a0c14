import { mkdtemp, rm } from 'node:fs/promises';
import { randomBytes, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBus, type Bus } from '@handover/bus';
import {
  PRINCIPAL_AUDIENCE,
  PRINCIPAL_ISSUER,
  TOPOLOGY,
  createWebhook,
  deleteWebhook,
  eventMessageType,
  eventTopic,
  getSigningKeys,
  listWebhooks,
  type HandoverEvent,
  type Principal,
} from '@handover/contracts';
import { answer, ask, createLogger, loadConfig, route, type RunningService } from '@handover/runtime';
import { startReceiver } from '@handover/testkit';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNotifier } from './app.js';
import { notifierConfig } from './config.js';
import { notifierDatabase, type NotifierDatabase } from './test/pipeline.js';

const log = createLogger('test', 'silent');
const keys = await generateKeyPair('EdDSA', { crv: 'Ed25519' });

let folder: string;
let database: NotifierDatabase;
let buses: Record<'auth' | 'engine' | 'notifier', Bus>;
let notifier: RunningService;

/** The notifier as it runs in production, between an engine and an auth of which only the bus is there. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notifier-'));
  database = await notifierDatabase();
  // Of those who hear of events, the notifier alone is here.
  const topology = { ...TOPOLOGY, subscriptions: TOPOLOGY.subscriptions.slice(0, 1) };
  const endpoints = Object.fromEntries(TOPOLOGY.services.map((name) => [name, `ipc://${join(folder, name)}`]));
  const bus = (service: string): Bus => createBus({ transport: 'zeromq', service, endpoints, topology, logger: log });
  buses = { auth: bus('auth'), engine: bus('engine'), notifier: bus('notifier') };
  await Promise.all(Object.values(buses).map((each) => each.start()));
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'EdDSA' };
  await answer(buses.auth, 'auth', [route(getSigningKeys, async () => ({ keys: [jwk] }))], log);
  const config = loadConfig(notifierConfig, {
    DATABASE_URL: database.runtimeUrl,
    WEBHOOK_SECRET_KEY: randomBytes(32).toString('base64'),
    WEBHOOK_ALLOW_LOOPBACK: 'true',
    WEBHOOK_SCHEDULE: '0s,0.05s,0.05s',
  });
  notifier = await startNotifier(config, { bus: buses.notifier, log });
});
afterAll(async () => {
  await notifier.stop();
  await Promise.all(Object.values(buses).map((each) => each.stop()));
  await database.close();
  await rm(folder, { recursive: true });
});

async function signed(tenant: string, privateKey = keys.privateKey): Promise<string> {
  const principal: Principal = { tenant, kind: 'user', id: 'admin', info: {}, roles: ['admin'], privileges: ['*'] };
  return new SignJWT({ principal })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
    .setIssuer(PRINCIPAL_ISSUER)
    .setAudience(PRINCIPAL_AUDIENCE)
    .setExpirationTime('1m')
    .sign(privateKey);
}

const completed = (tenantid: string): HandoverEvent => ({
  specversion: '1.0',
  id: randomUUID(),
  source: 'handover/engine',
  type: 'process.completed',
  subject: 'p1',
  time: new Date().toISOString(),
  datacontenttype: 'application/json',
  tenantid,
  data: {
    process: 'p1',
    title: 'Quote',
    scenario: { id: 's1', name: 'quote', title: 'Quote' },
    state: '(accepted)',
    etag: 'e1',
    result: { price: 10 },
    tags: [],
    actors: ['client'],
    startedAt: '2025-03-01T12:00:00.000Z',
    completedAt: '2025-03-01T12:00:01.000Z',
    durationMs: 1_000,
  },
});

const publish = (event: HandoverEvent): Promise<void> =>
  buses.engine.publish(eventTopic(event), {
    id: event.id,
    type: eventMessageType(event.type),
    key: event.subject,
    headers: { tenant: event.tenantid },
    body: event,
  });

describe('the notifier', () => {
  it('is asked for a webhook, hears of a completion, and tells the receiver until it listens', async () => {
    const receiver = await startReceiver({ script: [500, 500, 200] });
    try {
      const headers = { principal: await signed('acme') };
      const events = ['process.completed'];
      const { id, secret } = await ask(buses.engine, createWebhook, { url: receiver.url, events }, { headers });
      const event = completed('acme');
      await publish(event);
      await publish(event);
      await publish(completed('someone-else'));
      const third = await receiver.request(3);
      const verified = new Webhook(secret).verify(third.body, third.headers);
      expect(verified).toMatchObject({ type: 'process.completed', data: { result: { price: 10 }, tenant: 'acme' } });
      expect(new Set(receiver.requests.map((request) => request.headers['webhook-id'])).size).toBe(1);
      await ask(buses.engine, deleteWebhook, { id }, { headers });
      expect(await ask(buses.engine, listWebhooks, {}, { headers })).toEqual({ webhooks: [] });
      expect(receiver.requests).toHaveLength(3);
    } finally {
      await receiver.close();
    }
  });

  it('tells a webhook what another missed and that it is disabled, and ends there', async () => {
    const [gone, listening] = [await startReceiver({ script: [410] }), await startReceiver()];
    try {
      const headers = { principal: await signed('umbrella') };
      const subscribe = (url: string, events: string[]) =>
        ask(buses.engine, createWebhook, { url, events }, { headers });
      const { id } = await subscribe(gone.url, ['*']);
      await subscribe(listening.url, ['delivery.*', 'webhook.*']);
      await publish(completed('umbrella'));

      const heard = await Promise.all([1, 2].map((n) => listening.request(n)));
      const events = heard.map(({ body }) => JSON.parse(body) as { type: string; data: object });
      expect(events).toMatchObject([
        { type: 'delivery.failed', data: { channel: 'webhook', target: id, process: 'p1', reason: 'answered 410' } },
        { type: 'webhook.disabled', data: { webhook: id, reason: expect.stringContaining('410') } },
      ]);
      expect(gone.requests).toHaveLength(1);
    } finally {
      await gone.close();
      await listening.close();
    }
  });

  it('answers nobody whose principal auth did not sign', async () => {
    const forged = (await generateKeyPair('EdDSA', { crv: 'Ed25519' })).privateKey;
    const list = (headers: object) => ask(buses.engine, listWebhooks, {}, { headers });
    await expect(list({})).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(list({ principal: await signed('acme', forged) })).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('is ready while its database answers', async () => {
    await expect(Promise.all(notifier.dependencies.map((dependency) => dependency.check()))).resolves.toBeDefined();
  });
});
