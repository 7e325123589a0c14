/** The service without a process of its own: what tests of the whole platform start. */
export { gatewayApp, startGateway } from './app.js';
export { gatewayConfig } from './config.js';
export { migrations } from './migrations/index.js';
