import { createClient, type Client } from '@handover/client';
import { eventSchema, type EventType } from '@handover/contracts';
import { eventually, startReceiver, type Receiver } from '@handover/testkit';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownBroker, type Broker } from './src/broker.js';
import { startInProcess, type InProcess } from './src/in-process.js';
import { amqpOutsider, zeromqOutsider, type Outsider } from './src/outsiders.js';

/** Every event the platform promises to outsiders, made to happen and heard by the transport's plain library. */
const scenario = (version: string) => ({
  title: 'Errand',
  name: 'errand',
  version,
  actors: { courier: {}, customer: {} },
  actions: {
    deliver: {
      actor: 'courier',
      response: { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] },
      update: 'result',
    },
    wait: { actor: 'courier' },
  },
  states: {
    initial: {
      transitions: [
        { on: 'deliver', goto: '(delivered)' },
        { on: 'wait', goto: 'waiting' },
      ],
    },
    waiting: { after: '1 second', goto: 'late' },
    late: { on: 'deliver', goto: '(delivered)' },
  },
});
const actors = { courier: { id: 'arnold' }, customer: { id: 'cora' } };

describe.each(['amqp', 'zeromq'] as const)('events over %s', (transport) => {
  let broker: Broker | undefined;
  let platform: InProcess;
  let outsider: Outsider;
  let receiver: Receiver;
  let api: Client;
  let first: string;

  beforeAll(async () => {
    receiver = await startReceiver({ script: [410] });
    if (transport === 'amqp') {
      broker = await ownBroker();
      const { AMQP_URL: url = '', AMQP_PREFIX: prefix = '' } = broker.env;
      platform = await startInProcess({ amqp: { url, prefix }, engine: { TIMER_POLL_MS: '200' } });
      outsider = await amqpOutsider(url, prefix);
    } else {
      platform = await startInProcess({ engine: { TIMER_POLL_MS: '200' } });
      outsider = await zeromqOutsider(platform.outside);
    }
    const token = await platform.jwt({ id: 'arnold', roles: ['admin'], tenant: 'acme' });
    api = createClient({ url: platform.urls[0] ?? '', token });
    // A subscription takes a moment to arrive: something is announced until it is heard.
    await eventually(async () => {
      await store();
      expect(outsider.events.items).not.toEqual([]);
    });
    first = await store();
  });
  afterAll(async () => {
    await outsider.close();
    await platform.stop();
    await receiver.close();
    await broker?.remove();
  });

  const store = async (): Promise<string> => {
    const value = scenario(randomUUID());
    return (await api.scenarios.store({ body: { media: 'application/json', value } })).body.id;
  };
  const start = async (of = first): Promise<string> =>
    (await api.processes.start({ body: { scenario: of, actors } })).body.id;
  const step = (id: string, action: string, value?: unknown) =>
    api.processes.step({
      params: { id, action },
      ...(value !== undefined && { body: { media: 'application/json' as const, value } }),
    });

  /** What makes each happen; resolves with its subject. */
  const causes: Partial<Record<EventType, () => Promise<string>>> = {
    'process.started': () => start(),
    'process.stepped': async () => {
      const id = await start();
      await step(id, 'wait');
      return id;
    },
    'process.rejected': async () => {
      const id = await start();
      await expect(step(id, 'deliver', { to: 7 })).rejects.toMatchObject({ code: 'step_refused' });
      return id;
    },
    'process.timed-out': async () => {
      const id = await start();
      await step(id, 'wait');
      return id;
    },
    'process.completed': async () => {
      const id = await start();
      await step(id, 'deliver', { to: 'cora' });
      return id;
    },
    'process.migrated': async () => {
      const [from, to] = [await store(), await store()];
      const id = await start(from);
      await api.migrations.start({ body: { selection: { scenario: from, running: true }, to, dryRun: false } });
      return id;
    },
    'scenario.stored': store,
    'scenario.disabled': async () => {
      const id = await store();
      await api.scenarios.disable({ params: { id } });
      return id;
    },
    'apikey.issued': async () =>
      (await api.apiKeys.issue({ body: { name: 'new', privileges: ['process:read'] } })).body.id,
    'apikey.revoked': async () => {
      const { body } = await api.apiKeys.issue({ body: { name: 'short-lived', privileges: ['process:read'] } });
      await api.apiKeys.revoke({ params: { id: body.id } });
      return body.id;
    },
    'delivery.failed': async () => {
      await api.webhooks.create({ body: { url: receiver.url, events: ['process.completed'] } });
      const id = await start();
      await step(id, 'deliver', { to: 'cora' });
      return id;
    },
  };
  /** What each says beside what its schema requires. */
  const says: Partial<Record<EventType, object>> = {
    'process.stepped': { action: 'wait', actor: 'courier', state: 'waiting' },
    'process.rejected': { action: 'deliver', reasons: [expect.stringContaining('Response is invalid')] },
    'process.timed-out': { state: 'late' },
    'process.completed': {
      result: { to: 'cora' },
      state: '(delivered)',
      tags: expect.arrayContaining(['(delivered)']) as string[],
      actors: ['courier', 'customer'],
      durationMs: expect.any(Number) as number,
    },
    'apikey.revoked': { name: 'short-lived', by: 'arnold' },
    'delivery.failed': { channel: 'webhook', attempts: 1 },
  };

  it.each(Object.entries(causes))('%s', async (type, cause) => {
    const subject = await cause();
    const event = await outsider.event((heard) => heard.type === type && heard.subject === subject);
    expect(eventSchema.parse(event)).toMatchObject({
      specversion: '1.0',
      type,
      subject,
      tenantid: 'acme',
      data: says[type as EventType] ?? {},
    });
    const [topic] = outsider.events.items.find(([, heard]) => heard.id === event.id) ?? [];
    expect(topic).toBe(`acme.${type}.${type.startsWith('apikey.') ? '-' : 'errand'}`);
  });
});
