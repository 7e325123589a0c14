import { Proxy } from '@handover/testkit';
import { connect } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QUEUE, TOPOLOGY, type PortableConfig } from './traffic.js';

/** Where a producer and a consumer meet. */
export interface BusWorld {
  readonly config: (service: 'producer' | 'consumer') => PortableConfig;
  /** Between both and the broker (AMQP), or between the producer and the consumer (ZeroMQ). */
  readonly wire: Proxy;
  readonly remove: () => Promise<void>;
}

/** Small, so that a slow consumer fills it. */
export const WINDOW = { messages: 32, waiting: 64 };

/** @param broker URL of a broker that may also be stopped and started while the world exists */
export async function amqpWorld(broker: string): Promise<BusWorld> {
  const prefix = `faults-${randomUUID()}`;
  const { hostname, port } = new URL(broker);
  const wire = await Proxy.open({ host: '127.0.0.1', port: 0 }, { host: hostname, port: Number(port || 5672) });
  const url = new URL(broker);
  if ('port' in wire.place) url.host = `${wire.place.host}:${wire.place.port}`;
  return {
    wire,
    config: (service) => ({
      transport: 'amqp',
      url: url.href,
      prefix,
      service,
      topology: TOPOLOGY,
      heartbeatSeconds: 1,
      window: WINDOW,
    }),
    async remove() {
      await wire.down();
      const connection = await connect(broker);
      const channel = await connection.createChannel();
      for (const name of [QUEUE, 'dead']) await channel.deleteQueue(`${prefix}.${name}`);
      for (const name of ['events', 'dead', 'broadcast']) await channel.deleteExchange(`${prefix}.${name}`);
      await connection.close();
    },
  };
}

export async function zeromqWorld(): Promise<BusWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'bus-faults-'));
  const path = (name: string) => join(directory, name);
  const wire = await Proxy.open({ path: path('wire') }, { path: path('consumer') });
  return {
    wire,
    config: (service) => ({
      transport: 'zeromq',
      service,
      topology: TOPOLOGY,
      endpoints: {
        producer: `ipc://${path('producer')}`,
        consumer: `ipc://${path(service === 'consumer' ? 'consumer' : 'wire')}`,
      },
      heartbeatMs: 300,
      window: WINDOW,
    }),
    async remove() {
      await wire.down();
      await rm(directory, { recursive: true });
    },
  };
}
