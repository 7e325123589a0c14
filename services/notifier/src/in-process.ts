/** The service without a process of its own: what tests of the whole platform start. */
export { startNotifier } from './app.js';
export { notifierConfig } from './config.js';
export { migrations } from './migrations/index.js';
