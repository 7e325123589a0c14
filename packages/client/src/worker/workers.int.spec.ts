import { eventually, freePort, Recording, startRabbitMq } from '@handover/testkit';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Push, Request } from 'zeromq';
import { amqpWorker } from '../amqp/index.js';
import { httpWorker } from '../http/index.js';
import { zeromqWorker } from '../zeromq/index.js';
import { WorkError, type Delivery, type Handler, type Worker } from './handler.js';

interface Order {
  readonly wish: string;
}

/** As the notifier sends it beside a message, and how a handler sees it. */
const BESIDE = {
  process: 'p1',
  etag: 'e1',
  tenant: 'ac/me',
  traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
};

/** The one handler, for all transports. */
const seen = new Recording<Delivery>('deliveries');
const quote: Handler<Order> = async ({ wish }, delivery) => {
  seen.record(delivery);
  if (wish === 'later' && delivery.attempt === 1) throw new WorkError('not yet', 'retry-after', 0.01);
  if (wish === 'never') throw new WorkError('we do not make these', 'never');
  return wish === 'nothing' ? undefined : { offer: wish.length };
};

const running: Worker[] = [];
const errors: unknown[] = [];
const onError = (error: unknown): void => void errors.push(error);
afterEach(async () => {
  for (const worker of running.splice(0)) await worker.stop();
  errors.length = 0;
});
const started = async <W extends Worker>(worker: W): Promise<W> => {
  worker.on('quotes', quote);
  await worker.start();
  running.push(worker);
  return worker;
};

describe('a worker over AMQP', () => {
  let broker: Awaited<ReturnType<typeof startRabbitMq>>;
  let connection: ChannelModel;
  let channel: ConfirmChannel;
  const queue = `client-test-${randomUUID()}`;
  const dead = `${queue}.dead`;
  const replies = new Recording<{ correlationId: unknown; body: unknown }>('replies');
  let replyTo: string;

  beforeAll(async () => {
    broker = await startRabbitMq();
    connection = await connect(broker.url);
    channel = await connection.createConfirmChannel();
    ({ queue: replyTo } = await channel.assertQueue('', { exclusive: true }));
    await channel.consume(
      replyTo,
      (message) => {
        if (!message) return;
        const body: unknown = JSON.parse(message.content.toString());
        replies.record({ correlationId: message.properties.correlationId, body });
      },
      { noAck: true },
    );
    await channel.assertExchange(dead, 'fanout', { durable: true });
    await channel.assertQueue(dead, { durable: true });
    await channel.bindQueue(dead, dead, '');
  });
  afterAll(async () => {
    for (const name of [queue, dead]) await channel.deleteQueue(name);
    await channel.deleteExchange(dead);
    await connection.close();
    await broker.stop();
  });

  const worker = () =>
    started(amqpWorker({ url: broker.url, onError, queues: { quotes: { queue, deadLetterExchange: dead } } }));
  const tell = async (wish: string, messageId: string): Promise<void> => {
    channel.sendToQueue(queue, Buffer.from(JSON.stringify({ wish })), {
      contentType: 'application/json',
      messageId,
      replyTo,
      headers: BESIDE,
    });
    await channel.waitForConfirms();
  };
  const replyOf = async (id: string): Promise<unknown> =>
    (
      await eventually(
        async () => replies.items.find(({ correlationId }) => correlationId === id) ?? Promise.reject(new Error(id)),
      )
    ).body;

  it('answers with the id of the message, and knows what it is about', async () => {
    await worker();
    await tell('chairs', 'm1');
    expect(await replyOf('m1')).toEqual({ offer: 6 });
    expect(seen.items.at(-1)).toMatchObject({ service: 'quotes', id: 'm1', ...BESIDE, attempt: 1 });
  });

  it('tries again what failed in passing', async () => {
    await worker();
    await tell('later', 'm2');
    expect(await replyOf('m2')).toEqual({ offer: 5 });
    expect(errors).toHaveLength(1);
  });

  it('sends what cannot be done to the dead letters', async () => {
    await worker();
    await tell('never', 'm3');
    const letter = await eventually(
      async () => (await channel.get(dead, { noAck: true })) || Promise.reject(new Error('none')),
    );
    expect(letter.properties.messageId).toBe('m3');
  });

  it('goes on when the broker took its consumer away', async () => {
    const { url } = broker;
    const first = await started(amqpWorker({ url, onError, queues: { quotes: { queue, deadLetterExchange: dead } } }));
    // The broker closes the channel of a queue that is deleted under its consumer; the worker declares it anew.
    await channel.deleteQueue(queue);
    await eventually(async () => {
      await tell('table', 'm4');
      expect(replies.items.map(({ correlationId }) => correlationId)).toContain('m4');
    });
    await first.stop();
  });
});

describe('a worker over ZeroMQ', () => {
  it('answers a request, tries again what failed, says when there is nothing to say', async () => {
    const address = `tcp://127.0.0.1:${await freePort()}`;
    await started(zeromqWorker({ services: { quotes: { address } }, onError }));
    const socket = new Request({ linger: 0, receiveTimeout: 10_000 });
    socket.connect(address);
    await socket.send([JSON.stringify({ wish: 'chairs' }), JSON.stringify({ id: 'd1', ...BESIDE })]);
    expect(String(await socket.receive())).toBe('{"offer":6}');
    expect(seen.items.at(-1)).toMatchObject({ service: 'quotes', id: 'd1', ...BESIDE });
    await socket.send(JSON.stringify({ wish: 'nothing' }));
    expect(String(await socket.receive())).toBe('');
    socket.close();
  });

  it('tries again what was pushed, since nobody else will', async () => {
    const address = `tcp://127.0.0.1:${await freePort()}`;
    await started(zeromqWorker({ services: { quotes: { address, type: 'push' } }, onError }));
    const before = seen.items.length;
    const socket = new Push({ linger: 0 });
    socket.connect(address);
    await socket.send(JSON.stringify({ wish: 'later' }));
    await seen.nth(before + 2);
    expect(seen.items.slice(before).map(({ attempt }) => attempt)).toEqual([1, 2]);
    socket.close();
  });
});

describe('a worker over HTTP', () => {
  const secret = `whsec_${Buffer.alloc(24, 3).toString('base64')}`;
  const send = async (url: string, wish: string, key = secret): Promise<Response> => {
    const body = JSON.stringify({ wish });
    const at = new Date();
    return fetch(`${url}/quotes`, {
      method: 'POST',
      body,
      headers: {
        traceparent: BESIDE.traceparent,
        'handover-process': BESIDE.process,
        'handover-etag': BESIDE.etag,
        'handover-tenant': encodeURIComponent(BESIDE.tenant),
        'content-type': 'application/json',
        'webhook-id': 'm1',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(key).sign('m1', at, body),
      },
    });
  };

  it('believes what is signed, and says what became of it', async () => {
    const { url } = await started(httpWorker({ port: 0, trust: { secrets: [secret] }, onError }));
    const answers = [];
    for (const wish of ['chairs', 'nothing', 'later', 'never']) answers.push(await send(url, wish));
    expect(answers.map(({ status }) => status)).toEqual([200, 204, 503, 422]);
    expect(await answers[0]?.json()).toEqual({ offer: 6 });
    expect(seen.items.at(-1)).toMatchObject({ service: 'quotes', id: 'm1', ...BESIDE });
    expect(answers[2]?.headers.get('retry-after')).toBe('1');
  });

  it('refuses the others, and asks nobody', async () => {
    const { url } = await started(httpWorker({ port: 0, trust: { secrets: [secret] }, onError }));
    const before = seen.items.length;
    const forged = await send(url, 'chairs', `whsec_${Buffer.alloc(24, 4).toString('base64')}`);
    const unsigned = await fetch(`${url}/quotes`, { method: 'POST', body: '{}' });
    expect([forged.status, unsigned.status]).toEqual([401, 401]);
    expect(seen.items).toHaveLength(before);
  });

  it('can ask for a token instead', async () => {
    const { url } = await started(httpWorker({ port: 0, trust: { bearer: 'open sesame' }, onError }));
    const body = JSON.stringify({ wish: 'chairs' });
    const post = (authorization: string) =>
      fetch(`${url}/quotes`, { method: 'POST', body, headers: { 'content-type': 'application/json', authorization } });
    expect((await post('Bearer open sesame')).status).toBe(200);
    expect((await post('Bearer open')).status).toBe(401);
  });

  it('finishes what is in hand before it stops', async () => {
    let release: () => void = () => undefined;
    const begun = new Recording<string>('begun');
    const worker = httpWorker({ port: 0, trust: 'nothing', onError });
    worker.on('slow', async () => {
      begun.record('slow');
      await new Promise<void>((resolve) => (release = resolve));
      return 'done';
    });
    await worker.start();
    const answer = fetch(`${worker.url}/slow`, { method: 'POST', body: 'x' });
    await begun.nth(1);
    const stopped = worker.stop();
    release();
    expect(await (await answer).json()).toBe('done');
    await stopped;
  });
});
