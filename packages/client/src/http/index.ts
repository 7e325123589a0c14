/** Services' work over HTTP. For Node. */
export { type Delivery, type Handler, type StandardMessage, WorkError, type Worker } from '../worker/handler.js';
export { httpWorker, type HttpWorker, type HttpWorkerOptions } from './worker.js';
