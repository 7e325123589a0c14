import { COMMANDS, COMMAND_DOOR, COMMAND_EXCHANGE } from './messages/commands.js';
import { NOTIFICATIONS_QUEUE } from './messages/notifications.js';

/**
 * Who answers and who listens, for both transports (see the bus port). Topics are `<tenant>.<entity>.<what>.<scenario>`.
 */
export const TOPOLOGY = {
  services: ['auth', 'engine', 'notifier'],
  queues: [{ name: NOTIFICATIONS_QUEUE, service: 'notifier' }],
  subscriptions: [
    // Webhooks may subscribe to whatever is announced.
    { name: 'notifier.webhooks', service: 'notifier', topics: ['#'] },
    { name: 'gateway.assets', service: 'gateway', topics: ['*.process.started.*', '*.process.completed.*'] },
  ],
  /** What outsiders may ask for by a message. */
  doors: [
    {
      name: COMMAND_DOOR,
      service: 'engine',
      exchange: COMMAND_EXCHANGE,
      keys: COMMANDS.map(({ name }) => name),
    },
  ],
} as const;
