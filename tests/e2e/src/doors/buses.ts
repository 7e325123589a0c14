import { ownBroker } from '../broker.js';
import { openDoors, type Doors } from './world.js';

export const BUSES = ['ZeroMQ', 'RabbitMQ'] as const;

/** The doors of a platform that speaks over a bus, and how to take it away again. */
export async function openDoorsOver(
  bus: (typeof BUSES)[number],
): Promise<{ doors: Doors; close: () => Promise<void> }> {
  if (bus === 'ZeroMQ') {
    const doors = await openDoors();
    return { doors, close: () => doors.platform.stop() };
  }
  const broker = await ownBroker();
  const { AMQP_URL: url = '', AMQP_PREFIX: prefix = '' } = broker.env;
  const doors = await openDoors({ amqp: { url, prefix } });
  return {
    doors,
    async close() {
      await doors.platform.stop();
      await broker.remove();
    },
  };
}
