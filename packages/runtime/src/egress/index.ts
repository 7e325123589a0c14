/** Connections to where users say: to public addresses only, unless the configuration allows this machine. */
export * from './address.js';
export * from './connector.js';
