import { randomUUID } from 'node:crypto';
import { Proxy, Recording } from '@handover/testkit';
import { connect } from 'amqplib';
import { type Bus, createBus } from '../src/index.js';
import {
  DELIVERY_LIMIT,
  DOOR,
  silent,
  TOPOLOGY,
  WINDOW,
  type DeadLetter,
  type KnockReply,
  type Outsider,
  type PortableConfig,
  type World,
} from './world.js';

/** Names of its own on the broker, and a proxy in front of it. */
export async function amqpWorld(broker: string): Promise<World & { readonly prefix: string }> {
  const prefix = `test-${randomUUID()}`;
  const { hostname, port } = new URL(broker);
  const wire = await Proxy.open({ host: '127.0.0.1', port: 0 }, { host: hostname, port: Number(port || 5672) });
  const url = new URL(broker);
  if ('port' in wire.place) url.host = `${wire.place.host}:${wire.place.port}`;
  const buses: Bus[] = [];
  const outsiders: Outsider[] = [];
  const config = (service: string): PortableConfig => ({
    transport: 'amqp',
    url: url.href,
    service,
    topology: TOPOLOGY,
    prefix,
    deliveryLimit: DELIVERY_LIMIT,
    heartbeatSeconds: 1,
    window: WINDOW,
  });
  return {
    prefix,
    config,
    bus: (service) => {
      const bus = createBus({ ...config(service), logger: silent });
      buses.push(bus);
      return bus;
    },
    wires: {
      cut: () => wire.cut(),
      stall: () => wire.stall(),
      down: () => wire.down(),
      up: () => wire.up(),
    },
    outsider: async () => {
      const outsider = await plainClient(broker, prefix);
      outsiders.push(outsider);
      return outsider;
    },
    deadLetter: () => nextDeadLetter(broker, `${prefix}.dead`),
    dispose: async () => {
      await Promise.all(outsiders.map((outsider) => outsider.close()));
      await Promise.all(buses.map((bus) => bus.stop({ graceMs: 1_000 })));
      await wire.down();
      await removeEverything(broker, prefix);
    },
  };
}

async function plainClient(url: string, prefix: string): Promise<Outsider> {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  const replies = new Recording<KnockReply>('replies');
  const heard = new Recording<readonly [string, unknown]>('announcements');
  const take = { noAck: true };
  await channel.consume(
    'amq.rabbitmq.reply-to',
    (reply) => {
      if (!reply) return;
      const { type, correlationId, contentType, headers } = reply.properties as {
        type: string;
        correlationId?: string;
        contentType?: string;
        headers: Record<string, unknown>;
      };
      const content = reply.content.toString();
      const body: unknown = content === '' ? undefined : JSON.parse(content);
      replies.record({ status: type, correlationId, contentType, headers, body });
    },
    take,
  );
  await channel.assertExchange(`${prefix}.events`, 'topic', { durable: true });
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, `${prefix}.events`, '#');
  await channel.consume(
    queue,
    (event) => event && heard.record([event.fields.routingKey, JSON.parse(event.content.toString())]),
    take,
  );
  return {
    replies,
    heard,
    async knock({ name, id, correlationId, contentType, headers, body, wantsReply = true }) {
      channel.publish(`${prefix}.door`, name, Buffer.from(body), {
        mandatory: true,
        ...(id !== undefined && { messageId: id }),
        ...(correlationId !== undefined && { correlationId }),
        ...(contentType !== undefined && { contentType }),
        ...(headers && { headers }),
        ...(wantsReply && { replyTo: 'amq.rabbitmq.reply-to' }),
      });
      await channel.waitForConfirms();
    },
    close: () => connection.close(),
  };
}

async function nextDeadLetter(url: string, queue: string) {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const letter = await new Promise<DeadLetter>((resolve, reject) => {
    const take = (message: Parameters<Parameters<typeof channel.consume>[1]>[0]) => {
      const { messageId, headers } = message?.properties ?? {};
      const reason: unknown = headers?.['x-dead-reason'] ?? headers?.['x-first-death-reason'];
      resolve({ id: String(messageId), reason: String(reason), headers: Object.keys(headers ?? {}) });
    };
    channel.consume(queue, take, { noAck: true }).catch(reject);
  });
  await connection.close();
  return letter;
}

/** Queues without consumers are deleted with what is in them; those of requests and broadcasts have gone by themselves. */
async function removeEverything(url: string, prefix: string): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const names = [...TOPOLOGY.queues, ...TOPOLOGY.subscriptions].map(({ name }) => name);
  for (const name of [...names, DOOR, 'dead']) await channel.deleteQueue(`${prefix}.${name}`);
  for (const name of ['events', 'dead', 'broadcast', 'door']) await channel.deleteExchange(`${prefix}.${name}`);
  await connection.close();
}
