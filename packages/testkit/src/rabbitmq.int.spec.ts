import { access } from 'node:fs/promises';
import { connect } from 'amqplib';
import { afterEach, expect, test } from 'vitest';
import { debianRabbitMq } from './rabbitmq-debian.js';
import { type RabbitMqServer, startRabbitMq } from './rabbitmq.js';

const servers: RabbitMqServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

const installed = await access('/usr/lib/rabbitmq/bin/rabbitmq-server').then(
  () => true,
  () => false,
);

test('gives a broker that takes and delivers a message', async () => {
  const server = await startRabbitMq();
  servers.push(server);
  const connection = await connect(server.url);
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  channel.sendToQueue(queue, Buffer.from('hello'));
  await channel.waitForConfirms();
  const message = await channel.get(queue, { noAck: true });
  expect(message && message.content.toString()).toBe('hello');
  await connection.close();
});

test('says what was tried when nothing answers', async () => {
  const before = process.env.AMQP_URL;
  process.env.AMQP_URL = 'amqp://guest:secret@127.0.0.1:1';
  try {
    await expect(startRabbitMq()).rejects.toThrow(/set AMQP_URL.*\n.*AMQP_URL: .*ECONNREFUSED/);
    await expect(startRabbitMq()).rejects.not.toThrow('secret');
  } finally {
    if (before === undefined) delete process.env.AMQP_URL;
    else process.env.AMQP_URL = before;
  }
});

test.skipIf(!installed)('boots one of its own that keeps its data over a restart', { timeout: 120_000 }, async () => {
  const server = await debianRabbitMq();
  servers.push(server);
  const before = await connect(server.url);
  const channel = await before.createConfirmChannel();
  await channel.assertQueue('kept', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  channel.sendToQueue('kept', Buffer.from('safe'), { persistent: true });
  await channel.waitForConfirms();
  before.on('error', () => undefined);
  await server.down();
  await server.up();
  const after = await connect(server.url);
  const message = await (await after.createChannel()).get('kept');
  expect(message && message.content.toString()).toBe('safe');
  await after.close();
});
