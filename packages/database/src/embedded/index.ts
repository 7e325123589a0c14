/** A real Postgres server of our own, for the local launcher and for tests. Services must not depend on it. */
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './start.js';
