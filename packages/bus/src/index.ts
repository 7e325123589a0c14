export * from './port.js';
export type { AmqpConfig, AmqpTls } from './amqp/config.js';
export { brokerDefinitions, type DefinitionsOptions } from './amqp/definitions.js';
export { createBus, type BusConfig } from './create-bus.js';
export { DEFAULT_DELIVERY_LIMIT } from './defaults.js';
export type { BusLogger } from './logger.js';
export { JsonText } from './message/body.js';
export type { CurveConfig, OutsideConfig, ZeromqConfig } from './zeromq/config.js';
export { leavesMachine } from './zeromq/endpoint.js';
