/** Over RabbitMQ: services' work, events, commands. For Node. */
export {
  type CommandAnswer,
  type CommandBodies,
  type Commander,
  type CommandOptions,
  TimeoutError,
} from '../commands.js';
export { ProblemError } from '../rest/problem.js';
export { type Delivery, type Handler, type StandardMessage, WorkError, type Worker } from '../worker/handler.js';
export { connectCommander, type AmqpCommanderOptions } from './commands.js';
export { consumeEvents, type AmqpConsumerOptions, type Consumer, type EventHandler } from './events.js';
export { amqpWorker, type AmqpWorkerOptions, type ServiceQueue } from './worker.js';
