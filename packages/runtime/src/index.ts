/** What every service process needs: configuration, logs with ids, health, requests over the bus, graceful stop. */
export * from './bus-config.js';
export * from './config-listing.js';
export * from './config.js';
export * from './http.js';
export * from './log.js';
export * from './metrics/catalogue.js';
export * from './metrics/metrics.js';
export * from './migration.js';
export * from './principal.js';
export * from './requests.js';
export * from './revocations.js';
export * from './service.js';
export * from './token-exchange.js';
export * from './tracing/traced.js';
