/** Over ZeroMQ: services' work, events, commands. For Node. */
export {
  type CommandAnswer,
  type CommandBodies,
  type Commander,
  type CommandOptions,
  TimeoutError,
} from '../commands.js';
export { ProblemError } from '../rest/problem.js';
export { type Delivery, type Handler, type StandardMessage, WorkError, type Worker } from '../worker/handler.js';
export { connectCommander, type ZeromqCommanderOptions } from './commands.js';
export { subscribeEvents, type Subscription, type ZeromqSubscriberOptions } from './events.js';
export type { Curve } from './socket-options.js';
export { zeromqWorker, type ZeromqService, type ZeromqWorkerOptions } from './worker.js';
