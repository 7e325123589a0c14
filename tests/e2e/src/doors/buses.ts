import { consumeEvents } from '@handover/client/amqp';
import { subscribeEvents } from '@handover/client/zeromq';
import type { HandoverEvent } from '@handover/contracts';
import { Recording } from '@handover/testkit';
import { connect } from 'amqplib';
import { ownBroker } from '../broker.js';
import { busesOf } from '../running.js';
import { openDoors, type Doors } from './world.js';

export const BUSES = busesOf(['ZeroMQ', 'RabbitMQ'] as const);

export interface DoorsOver {
  readonly doors: Doors;
  /** Hears, as an outsider does, of what goes over the bus under a topic. */
  readonly hear: (topic: string) => Promise<Recording<HandoverEvent>>;
  readonly close: () => Promise<void>;
}

/** The doors of a platform that speaks over a bus. */
export async function openDoorsOver(bus: (typeof BUSES)[number]): Promise<DoorsOver> {
  const listening: (() => Promise<unknown>)[] = [];
  const heard = new Recording<HandoverEvent>('events');
  const record = async (event: HandoverEvent): Promise<void> => heard.record(event);
  const deafen = async (): Promise<void> => {
    for (const stop of listening) await stop();
  };
  if (bus === 'ZeroMQ') {
    const doors = await openDoors();
    return {
      doors,
      async hear(topic) {
        const address = doors.platform.outside.events;
        const subscription = subscribeEvents({ address, topics: [topic] }, record);
        listening.push(() => subscription.stop());
        return heard;
      },
      async close() {
        await deafen();
        await doors.platform.stop();
      },
    };
  }
  if (bus !== 'RabbitMQ') {
    const doors = await openDoors();
    return {
      doors,
      hear: async () => Promise.reject(new Error('the bus of an installation that runs is not listened to')),
      close: () => doors.platform.stop(),
    };
  }
  const broker = await ownBroker();
  const { AMQP_URL: url = '', AMQP_PREFIX: prefix = '' } = broker.env;
  const doors = await openDoors({ amqp: { url, prefix } });
  return {
    doors,
    async hear(topic) {
      const queue = `${prefix}-outsider`;
      const consumer = await consumeEvents({ url, prefix, queue, topics: [topic] }, record);
      listening.push(async () => {
        await consumer.stop();
        const connection = await connect(url);
        await (await connection.createChannel()).deleteQueue(queue);
        await connection.close();
      });
      return heard;
    },
    async close() {
      await deafen();
      await doors.platform.stop();
      await broker.remove();
    },
  };
}
