/** What tests need around them: real servers, a way to wait without sleeping, processes that end with the test. */
export * from './child.js';
export * from './eventually.js';
export * from './free-port.js';
export * from './installation/installation.js';
export * from './installation/service-process.js';
export * from './postgres/own.js';
export * from './postgres/server.js';
export * from './postgres/test-database.js';
export * from './proxy.js';
export * from './rabbitmq.js';
export * from './receiver.js';
export * from './recording.js';
export * from './without-conditions.js';
