import { type RabbitMqServer, Recording, startRabbitMq } from '@handover/testkit';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { amqpWorld } from '../../test/amqp-world.js';
import { gate, message, silent, started, TASKS, TOPOLOGY } from '../../test/world.js';
import { createBus } from '../index.js';

let server: RabbitMqServer;
/** A client of the broker that knows nothing of the bus. */
let outsider: ChannelModel;
let channel: Channel;
let world: Awaited<ReturnType<typeof amqpWorld>>;

beforeAll(async () => {
  server = await startRabbitMq();
  outsider = await connect(server.url);
});
afterAll(async () => {
  await outsider.close();
  await server.stop();
});
beforeEach(async () => {
  world = await amqpWorld(server.url);
  channel = await outsider.createChannel();
  channel.on('error', () => undefined);
});
afterEach(async () => {
  await channel.close().catch(() => undefined);
  await world.dispose();
});

describe('replicas', () => {
  test('share the requests of their service', async () => {
    const [caller, first, second] = await started(world, 'caller', 'worker', 'worker');
    const met = gate();
    const handled = new Recording<string>('requests');
    for (const [name, bus] of [
      ['first', first],
      ['second', second],
    ] as const) {
      await bus.respond('worker', async () => {
        handled.record(name);
        if (new Set(handled.items).size === 2) met.open();
        // Both are asked at once, or neither is answered.
        await met.opened;
        return { status: 'ok', body: name };
      });
    }
    const asked = [1, 2, 3, 4].map((n) => caller.request('worker', message(n), { timeoutMs: 10_000 }));
    const answers = (await Promise.all(asked)).map(({ body }) => body);
    expect(answers.sort()).toEqual(['first', 'first', 'second', 'second']);
  });

  test('stand by for a queue: one consumes, the next takes over in order when it stops', async () => {
    const [caller, first, second] = await started(world, 'caller', 'worker', 'worker');
    const seen = new Recording<string>('messages');
    const busy = gate();
    await first.consume(TASKS, async ({ body }) => {
      seen.record(`first ${String(body)}`);
      await busy.opened;
      return { kind: 'done' };
    });
    await second.consume(TASKS, async ({ body }) => {
      seen.record(`second ${String(body)}`);
      return { kind: 'done' };
    });
    for (const n of [1, 2, 3]) await caller.send(TASKS, message(n, { key: 'k' }));
    await seen.nth(1);
    const stopping = first.stop();
    busy.open();
    await stopping;
    await seen.nth(3);
    expect(seen.items).toEqual(['first 1', 'second 2', 'second 3']);
  });
});

describe('an outsider’s message', () => {
  test.each([
    ['without an id', { type: 'test.v1' }, '1', 'malformed: message: id'],
    ['without a type', { messageId: 'm-1' }, '1', 'malformed: message: type'],
    ['that is no JSON', { messageId: 'm-1', type: 'test.v1' }, '{', 'malformed: body is not JSON'],
    [
      'of another media type',
      { messageId: 'm-1', type: 't', contentType: 'text/plain' },
      '1',
      'malformed: content type',
    ],
  ])('%s is kept among the dead letters with the reason; the queue goes on', async (_, properties, text, reason) => {
    const [worker] = await started(world, 'worker');
    const seen = new Recording<unknown>('messages');
    await worker.consume(TASKS, async ({ body }) => {
      seen.record(body);
      return { kind: 'done' };
    });
    channel.sendToQueue(`${world.prefix}.${TASKS}`, Buffer.from(text), properties);
    channel.sendToQueue(`${world.prefix}.${TASKS}`, Buffer.from('"good"'), { messageId: 'm-2', type: 'test.v1' });
    expect((await world.deadLetter()).reason).toContain(reason);
    expect(await seen.nth(1)).toBe('good');
  });

  test('may be a request, answered where it says', async () => {
    const [worker] = await started(world, 'worker');
    await worker.respond('worker', async ({ body, headers }) => ({ status: 'ok', body: [body, headers.tenant] }));
    const replies = new Recording<[unknown, string]>('replies');
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.consume(
      queue,
      (reply) => reply && replies.record([reply.properties.correlationId, reply.content.toString()]),
      {
        noAck: true,
      },
    );
    const properties = {
      messageId: 'm-1',
      type: 'test.v1',
      replyTo: queue,
      correlationId: 'c-1',
      headers: { tenant: 'acme' },
    };
    channel.sendToQueue(`${world.prefix}.requests.worker`, Buffer.from('"hello"'), properties);
    expect(await replies.nth(1)).toEqual(['c-1', '["hello","acme"]']);
  });

  test('may be an event heard by a queue of its own', async () => {
    const [caller] = await started(world, 'caller');
    const heard = new Recording<object>('events');
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, `${world.prefix}.events`, 'acme.#');
    await channel.consume(
      queue,
      (event) => event && heard.record({ ...event.properties, text: event.content.toString() }),
      {
        noAck: true,
      },
    );
    const headers = { contentType: 'application/cloudevents+json' };
    await caller.publish('acme.process-only-they-listen', message({ specversion: '1.0' }, { id: 'e-1', headers }));
    expect(await heard.nth(1)).toMatchObject({
      messageId: 'e-1',
      ...headers,
      deliveryMode: 2,
      text: '{"specversion":"1.0"}',
    });
  });
});

describe('what is on the broker', () => {
  test('the queue of requests goes with the last replica and is not durable', async () => {
    const [worker] = await started(world, 'worker');
    const registration = await worker.respond('worker', async () => ({ status: 'ok', body: null }));
    const queue = `${world.prefix}.requests.worker`;
    await expect(channel.assertQueue(queue, { durable: false, autoDelete: true })).resolves.toMatchObject({
      consumerCount: 1,
    });
    await registration.close();
    await expect(channel.checkQueue(queue)).rejects.toThrow('NOT_FOUND');
  });

  test('a send to a queue someone deleted is unroutable, not lost in silence', async () => {
    const [caller] = await started(world, 'caller');
    await channel.deleteQueue(`${world.prefix}.${TASKS}`);
    await expect(caller.send(TASKS, message(1))).rejects.toMatchObject({ code: 'unroutable' });
  });

  test('a queue deleted under its consumer is declared and consumed again', async () => {
    const [caller, worker] = await started(world, 'caller', 'worker');
    const seen = new Recording<unknown>('messages');
    await worker.consume(TASKS, async ({ body }) => {
      seen.record(body);
      return { kind: 'done' };
    });
    await channel.deleteQueue(`${world.prefix}.${TASKS}`);
    const sendUntilTaken = async (): Promise<void> => {
      await caller.send(TASKS, message('again')).catch(sendUntilTaken);
    };
    await sendUntilTaken();
    expect(await seen.nth(1)).toBe('again');
  });

  test('a queue declared otherwise is told at the start, at once', async () => {
    await channel.assertQueue(`${world.prefix}.${TASKS}`, { durable: true });
    const before = performance.now();
    await expect(world.bus('worker').start()).rejects.toThrow(/PRECONDITION/);
    expect(performance.now() - before).toBeLessThan(5_000);
    await started(await remade(), 'worker');
  });

  /** The world after the wrong queue is gone. */
  async function remade() {
    await channel.deleteQueue(`${world.prefix}.${TASKS}`);
    return world;
  }
});

describe('a start', () => {
  const config = { transport: 'amqp', service: 'worker', topology: TOPOLOGY, logger: silent } as const;

  test('rejects when no broker answers, within its time, without the password', async () => {
    const bus = createBus({ ...config, url: 'amqp://guest:hush@127.0.0.1:1', connectMs: 300 });
    const starting = bus.start();
    await expect(starting).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    await expect(starting).rejects.not.toThrow('hush');
    await bus.stop();
  });

  test('rejects at once when the broker does not know the user', async () => {
    const url = new URL(server.url);
    url.password = 'wrong';
    const bus = createBus({ ...config, url: url.href });
    const before = performance.now();
    await expect(bus.start()).rejects.toThrow('ACCESS');
    expect(performance.now() - before).toBeLessThan(5_000);
    await bus.stop();
  });

  test('waits for a broker that comes up meanwhile', async () => {
    await world.wires.down();
    const starting = world.bus('worker').start();
    await world.wires.up();
    await expect(starting).resolves.toBeUndefined();
  });

  test('refuses a URL that is none, without repeating it', () => {
    expect(() => createBus({ ...config, url: 'http://user:hush@host' })).toThrow(
      'url is not an amqp:// or amqps:// URL',
    );
  });
});
