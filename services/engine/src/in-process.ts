/** The service without a process of its own: what tests of the whole platform start. */
export { startEngine } from './app.js';
export { engineConfig } from './config.js';
export { migrations } from './migrations/index.js';
