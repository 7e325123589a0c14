import { randomUUID } from 'node:crypto';
import { type RabbitMqServer, startRabbitMq } from '@handover/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { silent } from '../../test/world.js';
import { DEFAULT_LIMITS } from '../delivery/outbox.js';
import { Connection } from './connection.js';
import { Publisher } from './publisher.js';

let server: RabbitMqServer;
beforeAll(async () => {
  server = await startRabbitMq();
});
afterAll(() => server.stop());

let connection: Connection;
let publisher: Publisher;
const queue = `test-${randomUUID()}`;
const full = { 'x-queue-type': 'quorum', 'x-max-length': 1, 'x-overflow': 'reject-publish' };

beforeEach(async () => {
  connection = new Connection({
    url: server.url,
    tls: undefined,
    name: 'publisher test',
    heartbeatSeconds: 10,
    logger: silent,
    declare: async (model) => {
      const channel = await model.createChannel();
      await channel.assertQueue(queue, { durable: true, arguments: full });
      await channel.close();
    },
  });
  publisher = new Publisher(connection, DEFAULT_LIMITS);
  await connection.add(publisher);
  await connection.open(5_000);
});
afterEach(async () => {
  await connection.add({
    attach: async (model) => {
      const channel = await model.createChannel();
      await channel.deleteQueue(queue);
      await channel.close();
    },
    detach: () => undefined,
  });
  await connection.close();
});

test('a queue that takes no more is told as overloaded, and the next queue’s message passes', async () => {
  const publish = (routingKey: string) => {
    const properties = { messageId: randomUUID(), type: 't' };
    return publisher.publish({ exchange: '', routingKey, body: Buffer.from('1'), properties, mandatory: true }, 5_000);
  };
  const results = [];
  for (let n = 0; n < 5; n++) results.push((await Promise.allSettled([publish(queue)]))[0]);
  expect(results[0]).toMatchObject({ status: 'fulfilled' });
  expect(results.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'overloaded' } });
  await expect(publish(`${queue}-none`)).rejects.toMatchObject({ code: 'unroutable' });
});
