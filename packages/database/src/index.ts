/** Postgres for services: a typed pool, tenant scope, migrations, one schema and two roles per service. */
export * from './database.js';
export * from './errors.js';
export * from './json.js';
export type { Log } from './log.js';
export * from './migrate.js';
export * from './provision/index.js';
export * from './tenant.js';
export type { Returned, Scope, Statement } from './transact.js';
export * from './unnest.js';
