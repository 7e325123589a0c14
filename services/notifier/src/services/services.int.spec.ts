import type { SentNotification } from '@handover/contracts';
import { createLogger } from '@handover/runtime';
import { Recording, eventually, freePort, startRabbitMq, startReceiver, type RabbitMqServer } from '@handover/testkit';
import { connect, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Pull, Reply } from 'zeromq';
import { createBrokers } from '../couriers/amqp-broker.js';
import { notificationHandler } from '../deliveries/notification.handler.js';
import { Pipeline, notifierDatabase, type NotifierDatabase, type Settings } from '../test/pipeline.js';
import { startReplyListener } from './replies.js';
import { readServices } from './services-file.js';

const log = createLogger('test', 'silent');
let database: NotifierDatabase;
let rabbit: RabbitMqServer;
let broker: ChannelModel;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await notifierDatabase();
  rabbit = await startRabbitMq();
  broker = await connect(rabbit.url);
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  await broker.close();
  await rabbit.stop();
  await database.close();
});

type Properties = Readonly<Record<string, unknown>>;

/** A pipeline that delivers to one service, `worker`, reached as the configuration says. */
function pipelineTo(config: Properties, settings?: Settings): Pipeline {
  const pipe = new Pipeline(database, settings);
  closers.push(() => pipe.stop(100));
  const services = { services: { worker: config } };
  const configured = readServices(JSON.stringify(services), {});
  const found = configured.find(pipe.tenant, 'worker');
  if (found) pipe.services.set('worker', { name: 'worker', config: found, trusted: true });
  const brokers = createBrokers({ allowLoopback: true });
  const registry = { find: async () => undefined };
  const listener = startReplyListener({
    db: database.db,
    log,
    brokers,
    registry,
    configured,
    onStored: () => dispatcher.wake(),
  });
  closers.push(async () => {
    await listener.stop();
    await brokers.close();
  });
  const dispatcher = pipe.start();
  return pipe;
}

const notification = (
  tenant: string,
  process: string = randomUUID(),
  message: unknown = { hello: 'worker' },
): SentNotification => ({
  id: `ntf_${randomBytes(16).toString('hex')}`,
  tenant,
  process,
  etag: 'e1',
  state: 'initial',
  entered: '2026-01-01T00:00:00.000Z',
  service: 'worker',
  scenario: { id: 's1', title: 'Quote' },
  message,
  capability: 'signed',
});

async function notify(pipe: Pipeline, sent: SentNotification): Promise<void> {
  const handle = notificationHandler({ transact: database.transact, onStored: () => undefined });
  const message = { id: sent.id, type: 'service.notify.v1', headers: {}, body: sent, attempt: 1 };
  expect(await handle({ ...message, signal: new AbortController().signal })).toEqual({ kind: 'done' });
  for (const dispatcher of pipe.dispatchers) dispatcher.wake();
}

const settled = (pipe: Pipeline, status: string) =>
  eventually(async () => {
    const [delivery] = await pipe.deliveries();
    expect(delivery).toMatchObject({ status });
    return delivery;
  });

async function queue(): Promise<string> {
  const channel = await broker.createChannel();
  const name = `test.${randomBytes(6).toString('hex')}`;
  await channel.assertQueue(name, { durable: true });
  closers.push(async () => {
    await channel.deleteQueue(name);
    await channel.close();
  });
  return name;
}

/** A worker on RabbitMQ by nothing but its client library. */
async function amqpWorker(
  name: string,
  answer?: (message: ConsumeMessage) => unknown,
): Promise<Recording<ConsumeMessage>> {
  const seen = new Recording<ConsumeMessage>('messages');
  const channel = await broker.createChannel();
  closers.push(() => channel.close());
  await channel.consume(name, (message) => {
    if (!message) return;
    seen.record(message);
    channel.ack(message);
    const { replyTo, messageId } = message.properties;
    if (!answer || replyTo === undefined) return;
    const properties = { correlationId: String(messageId), contentType: 'application/json' };
    channel.sendToQueue(String(replyTo), Buffer.from(JSON.stringify(answer(message))), properties);
  });
  return seen;
}

describe('a service on AMQP', () => {
  it('gets the message once encoded, with every id beside it', async () => {
    const name = await queue();
    const seen = await amqpWorker(name);
    const pipe = pipelineTo({ provider: 'amqp', url: rabbit.url, routingKey: name, headers: { team: 'blue' } });
    const sent = notification(pipe.tenant);
    await notify(pipe, sent);
    const { content, properties } = await seen.nth(1);
    expect(JSON.parse(content.toString())).toEqual({ hello: 'worker' });
    expect(properties).toMatchObject({
      messageId: sent.id,
      correlationId: sent.id,
      appId: 'letsflow',
      contentType: 'application/json',
      deliveryMode: 2,
      timestamp: expect.any(Number),
      headers: {
        team: 'blue',
        process: sent.process,
        etag: 'e1',
        tenant: pipe.tenant,
        traceparent: expect.stringMatching(/^00-/),
      },
    });
    expect(properties.replyTo).toBeUndefined();
    await settled(pipe, 'delivered');
  });

  it('answers through a durable queue, and the answer is handed in once', async () => {
    const name = await queue();
    const replyTo = await queue();
    await amqpWorker(name, () => ({ done: true }));
    const pipe = pipelineTo({ provider: 'amqp', url: rabbit.url, routingKey: name, replyTo });
    await notify(pipe, notification(pipe.tenant));
    expect(await pipe.replies.nth(1)).toEqual({ done: true });
    expect(await settled(pipe, 'delivered')).toMatchObject({ reply_status: 'applied' });
    expect(pipe.replies.items).toHaveLength(1);
  });

  it('that no queue takes is tried again, and the attempt says so', async () => {
    const name = `test.${randomBytes(6).toString('hex')}`;
    const pipe = pipelineTo({ provider: 'amqp', url: rabbit.url, routingKey: name }, { schedule: [0, 10] });
    await notify(pipe, notification(pipe.tenant));
    await settled(pipe, 'failed');
    expect(await pipe.attempts()).toMatchObject([{ error: 'no queue takes it: NO_ROUTE' }, { number: 2 }]);
    await pipe.announced.first((line) => line.endsWith('delivery.failed'));
  });

  it('gets what is about one process in order', async () => {
    const name = await queue();
    const seen = await amqpWorker(name);
    const pipe = pipelineTo({ provider: 'amqp', url: rabbit.url, routingKey: name });
    const process = randomUUID();
    for (let n = 0; n < 30; n += 1) await notify(pipe, notification(pipe.tenant, process, n));
    await seen.nth(30);
    expect(seen.items.map(({ content }) => Number(content.toString()))).toEqual(
      Array.from({ length: 30 }, (_, n) => n),
    );
  });
});

describe('a service on ZeroMQ', () => {
  it('is pushed the message and its ids in two frames', async () => {
    const socket = new Pull();
    const address = `tcp://127.0.0.1:${await freePort()}`;
    await socket.bind(address);
    closers.push(async () => socket.close());
    const pipe = pipelineTo({ provider: 'zeromq', address });
    const sent = notification(pipe.tenant, randomUUID(), 'a text');
    await notify(pipe, sent);
    const [body, ids] = await socket.receive();
    expect(body?.toString()).toBe('a text');
    expect(JSON.parse(String(ids))).toMatchObject({
      id: sent.id,
      process: sent.process,
      etag: 'e1',
      tenant: pipe.tenant,
    });
    await settled(pipe, 'delivered');
  });

  it('replies within its time; one that is late is asked again', async () => {
    const socket = new Reply();
    const address = `tcp://127.0.0.1:${await freePort()}`;
    await socket.bind(address);
    closers.push(async () => socket.close());
    const pipe = pipelineTo({ provider: 'zeromq', type: 'reply', address, receiveTimeout: 300 }, { schedule: [0, 10] });
    await notify(pipe, notification(pipe.tenant));
    await socket.receive();
    await eventually(async () => expect(await pipe.attempts()).toMatchObject([{ error: 'no reply within 300 ms' }]));
    await socket.send('too late');
    await socket.receive();
    await socket.send(JSON.stringify({ done: 2 }));
    expect(await pipe.replies.nth(1)).toEqual({ done: 2 });
    await settled(pipe, 'delivered');
  });

  it('that is not there leaves no message behind that counts as delivered', async () => {
    const address = `tcp://127.0.0.1:${await freePort()}`;
    const pipe = pipelineTo({ provider: 'zeromq', address, sendTimeout: 100 });
    await notify(pipe, notification(pipe.tenant));
    await settled(pipe, 'failed');
    expect(await pipe.attempts()).toMatchObject([{ error: 'nobody took it within 100 ms' }]);
  });
});

describe('a service by webhook', () => {
  it.each([
    ['202', { status: 202, body: '{"x":1}', headers: { 'content-type': 'application/json' } }, []],
    ['204', 204, []],
    ['an empty 200', 200, []],
    ['JSON', { status: 200, body: '{"x":1}', headers: { 'content-type': 'application/json' } }, [{ x: 1 }]],
    ['text', { status: 201, body: 'fine' }, ['fine']],
  ] as const)('that answers %s', async (_, answer, replies) => {
    const target = await startReceiver({ script: [answer] });
    closers.push(() => target.close());
    const pipe = pipelineTo({ provider: 'webhook', url: target.url, headers: { 'X-Team': 'blue' } });
    const sent = notification(pipe.tenant);
    await notify(pipe, sent);
    const { method, headers, body } = await target.request(1);
    expect([method, JSON.parse(body)]).toEqual(['POST', { hello: 'worker' }]);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': sent.id,
      'handover-process': sent.process,
      'handover-etag': 'e1',
      'x-team': 'blue',
    });
    await settled(pipe, 'delivered');
    expect(pipe.replies.items).toEqual(replies);
  });

  it.each([400, 404, 422])('that answers %i is not asked again', async (status) => {
    const target = await startReceiver({ script: [status] });
    closers.push(() => target.close());
    const pipe = pipelineTo({ provider: 'webhook', url: target.url }, { schedule: [0, 10, 10] });
    await notify(pipe, notification(pipe.tenant));
    await settled(pipe, 'failed');
    expect(await pipe.attempts()).toHaveLength(1);
  });
});

describe('a service nobody has set up', () => {
  it('leaves the delivery waiting until there is one', async () => {
    const target = await startReceiver();
    closers.push(() => target.close());
    const pipe = pipelineTo({ provider: 'webhook', url: target.url });
    const [, worker] = [...pipe.services][0] ?? [];
    pipe.services.clear();
    await notify(pipe, notification(pipe.tenant));
    await settled(pipe, 'waiting');
    if (worker) pipe.services.set('worker', worker);
    await target.request(1);
    await settled(pipe, 'delivered');
  });
});
