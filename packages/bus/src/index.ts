export * from './port.js';
export type { AmqpConfig, AmqpTls } from './amqp/config.js';
export { createBus, type BusConfig } from './create-bus.js';
export type { BusLogger } from './logger.js';
export type { CurveConfig, ZeromqConfig } from './zeromq/config.js';
