/**
 * Who answers and who listens, for both transports (see the bus port). Topics are `<tenant>.<entity>.<what>.<scenario>`.
 */
export const TOPOLOGY = {
  services: ['auth', 'engine', 'notifier'],
  queues: [],
  subscriptions: [{ name: 'notifier.webhooks', service: 'notifier', topics: ['*.process.#'] }],
} as const;
