import { AmqpBus } from './amqp/bus.js';
import type { AmqpConfig } from './amqp/config.js';
import type { Bus } from './port.js';
import { ZeromqBus } from './zeromq/bus.js';
import type { ZeromqConfig } from './zeromq/config.js';

export type BusConfig = AmqpConfig | ZeromqConfig;

/**
 * Makes the bus of a process; `start` connects it. Handlers may be registered before the start, so that none of the
 * first messages finds nobody.
 * @throws Error when the configuration is incomplete or unsafe, naming the field
 */
export function createBus(config: BusConfig): Bus {
  return config.transport === 'amqp' ? new AmqpBus(config) : new ZeromqBus(config);
}
