import type { Channel, ChannelModel } from 'amqplib';
import type { Topology } from '../port.js';
import type { Names } from './names.js';

/**
 * Declares the whole topology, whoever starts first, so that nothing published before a consumer's first start is lost.
 * Idempotent. Fails when something of the same name exists with other arguments.
 */
export async function declareTopology(
  model: ChannelModel,
  topology: Topology,
  names: Names,
  deliveryLimit: number,
): Promise<void> {
  const channel = await model.createChannel();
  // The broker closes the channel when it refuses a declaration; the declaration itself rejects with the reason.
  channel.on('error', () => undefined);
  await channel.assertExchange(names.events, 'topic', { durable: true });
  await channel.assertExchange(names.broadcast, 'direct', { durable: true });
  await declareDeadLetters(channel, names);
  for (const { name } of topology.queues) await declareQueue(channel, names, names.queue(name), deliveryLimit);
  for (const { name, topics } of topology.subscriptions) {
    await declareQueue(channel, names, names.queue(name), deliveryLimit);
    for (const topic of topics) await channel.bindQueue(names.queue(name), names.events, topic);
  }
  for (const { name, exchange, keys } of topology.doors ?? []) {
    await channel.assertExchange(names.exchange(exchange), 'direct', { durable: true });
    await declareQueue(channel, names, names.door(name), deliveryLimit);
    for (const key of keys) await channel.bindQueue(names.door(name), names.exchange(exchange), key);
  }
  await channel.close();
}

async function declareDeadLetters(channel: Channel, names: Names): Promise<void> {
  await channel.assertExchange(names.dead, 'fanout', { durable: true });
  await channel.assertQueue(names.dead, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  await channel.bindQueue(names.dead, names.dead, '');
}

async function declareQueue(channel: Channel, names: Names, queue: string, deliveryLimit: number): Promise<void> {
  await channel.assertQueue(queue, { durable: true, arguments: queueArguments(names, deliveryLimit) });
}

/** Arguments of every queue but that of the dead letters. */
export const queueArguments = (names: Names, deliveryLimit: number) => ({
  'x-queue-type': 'quorum',
  // Replicas stand by for each other: with two consuming at once no order per key could hold.
  'x-single-active-consumer': true,
  // The broker counts what follows the first delivery.
  'x-delivery-limit': deliveryLimit - 1,
  'x-dead-letter-exchange': names.dead,
  // Without both of these a dead letter can be lost on its way (RabbitMQ 3.10, quorum queues).
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});
