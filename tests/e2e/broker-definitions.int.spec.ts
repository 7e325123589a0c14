import { DEFAULT_DELIVERY_LIMIT, brokerDefinitions, createBus } from '@handover/bus';
import { TOPOLOGY } from '@handover/contracts';
import { createLogger } from '@handover/runtime';
import { debianRabbitMq, type OwnRabbitMq } from '@handover/testkit';
import { connect, type ChannelModel } from 'amqplib';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** deploy/rabbitmq/definitions.json on a real broker: what it makes, and whom it keeps from what. */
const FILE = fileURLToPath(new URL('../../deploy/rabbitmq/definitions.json', import.meta.url));
const PASSWORD = 'of the tests';
let broker: OwnRabbitMq;
const open: ChannelModel[] = [];

beforeAll(async () => {
  broker = await debianRabbitMq();
  await broker.ctl('import_definitions', FILE);
  for (const user of ['handover', 'acme']) await broker.ctl('change_password', user, PASSWORD);
}, 120_000);
afterAll(async () => {
  await Promise.all(open.map((connection) => connection.close().catch(() => undefined)));
  await broker.stop();
});

function urlOf(user: string): string {
  const url = new URL(broker.url);
  url.username = user;
  url.password = encodeURIComponent(PASSWORD);
  url.pathname = '/handover';
  return url.href;
}

async function channelOf(user: string) {
  const connection = await connect(urlOf(user));
  open.push(connection);
  connection.on('error', () => undefined);
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => undefined);
  return channel;
}

describe('the definitions of the broker', () => {
  it('are what the contracts say', async () => {
    const options = { virtualHost: 'handover', platform: 'handover', tenants: ['acme'] };
    const definitions = brokerDefinitions(TOPOLOGY, { ...options, deliveryLimit: DEFAULT_DELIVERY_LIMIT });
    await expect(`${JSON.stringify(definitions, null, 2)}\n`).toMatchFileSnapshot(FILE);
  });

  it('are the same that the services declare, with the rights they need', async () => {
    const logger = createLogger('test', 'silent');
    const common = { transport: 'amqp', url: urlOf('handover'), topology: TOPOLOGY, logger } as const;
    const [engine, auth] = [createBus({ ...common, service: 'engine' }), createBus({ ...common, service: 'auth' })];
    await Promise.all([engine.start(), auth.start()]);
    await auth.respond('auth', async ({ body }) => ({ status: 'ok', body }));
    const asked = engine.request('auth', { id: '1', type: 't', headers: {}, body: 'hello' }, { timeoutMs: 5_000 });
    expect((await asked).body).toBe('hello');
    await engine.publish('acme.process.started.-', { id: '2', type: 't', headers: {}, body: {} });
    await Promise.all([engine.stop(), auth.stop()]);
  });

  it('let a tenant send commands and hear its own events', async () => {
    const channel = await channelOf('acme');
    channel.publish('handover.commands', 'process.step', Buffer.from('{}'), { mandatory: true });
    await channel.waitForConfirms();
    expect((await (await channelOf('handover')).checkQueue('engine.commands')).messageCount).toBe(1);
    await channel.assertQueue('acme.events', { durable: true });
    await channel.bindQueue('acme.events', 'handover.events', 'acme.#');
  });

  it.each([
    [
      'hearing another tenant’s events',
      (channel: Channel) => channel.bindQueue('acme.own', 'handover.events', 'rival.#'),
    ],
    ['hearing everybody’s events', (channel: Channel) => channel.bindQueue('acme.own', 'handover.events', '#')],
    ['reading the queue of commands', (channel: Channel) => channel.get('engine.commands')],
    ['making a queue with a name of ours', (channel: Channel) => channel.assertQueue('handover.mine')],
  ])('keep a tenant from %s', async (_, attempt) => {
    const channel = await channelOf('acme');
    await channel.assertQueue('acme.own', { durable: true });
    await expect(attempt(channel)).rejects.toThrow('ACCESS_REFUSED');
  });
});

type Channel = Awaited<ReturnType<typeof channelOf>>;
