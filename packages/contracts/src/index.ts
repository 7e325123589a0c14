/** Every message and REST body, once. Types are inferred from the schemas that check them. */
export * from './errors.js';
export * from './events.js';
export * from './messages/auth.js';
export * from './messages/engine.js';
export * from './messages/notifier.js';
export * from './principal.js';
export * from './request.js';
export * from './topology.js';
