/** The service without a process of its own: what tests of the whole platform start. */
export { startAuth } from './app.js';
export { authConfig } from './config.js';
export { migrations } from './migrations/index.js';
