import { Kysely, PostgresDialect, sql } from 'kysely';
import type { Log } from './log.js';
import { openPool } from './pool.js';
import { transact, type Returned, type Scope, type Statement } from './transact.js';

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Most connections open at once; default 10. */
  readonly poolSize?: number;
  /** The server cancels a statement that runs longer and ends a transaction left idle as long; default 15,000. */
  readonly statementTimeoutMs?: number;
  /** How long to wait for a connection, a new or a free one; default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Names of the migrations that this code needs: without them the database is not ready. Default: none. */
  readonly migrations?: readonly string[];
  readonly log?: Log;
}

export interface Database<Schema> {
  readonly db: Kysely<Schema>;
  /** Runs statements as one transaction in one round trip; see `transact.ts`. */
  readonly transact: (scope: Scope, statements: readonly Statement[]) => Promise<Returned>;
  /**
   * Resolves when the database answers and has the migrations. For readiness checks.
   * @throws the driver's error when it does not answer, else one that names what is missing
   */
  readonly ready: () => Promise<void>;
  /** How many connections there are, how many of them idle, and how many callers wait for one. */
  readonly connections: () => { readonly total: number; readonly idle: number; readonly waiting: number };
  /** Waits for the transactions in hand, then closes every connection. Idempotent. */
  readonly close: () => Promise<void>;
}

/**
 * A connection pool with a typed query builder. Connects on first use: opening succeeds while the database is still away.
 */
export function openDatabase<Schema>(options: DatabaseOptions): Database<Schema> {
  const { url, applicationName, poolSize = 10, statementTimeoutMs = 15_000, connectTimeoutMs = 5_000, log } = options;
  const missing = new Set(options.migrations);
  const pool = openPool(
    {
      connectionString: url,
      application_name: applicationName,
      max: poolSize,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: statementTimeoutMs,
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: 30_000,
      // Lets `transact` send without waiting; the query builder waits for each of its statements all the same.
      pipeline: true,
    },
    log,
  );
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  let closing: Promise<void> | undefined;
  return {
    db,
    transact: (scope, statements) => transact(pool, scope, statements),
    ready: async () => {
      await sql`select 1`.execute(db);
      // They only become more: once all are there nothing is asked again.
      if (missing.size === 0) return;
      for (const name of await carriedOut(db)) missing.delete(name);
      if (missing.size > 0) throw new Error(`waiting for the migrations ${[...missing].join(', ')}: run setup`);
    },
    connections: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    // The query builder closes the pool only if it was used itself.
    close: () => (closing ??= db.destroy().then(() => (pool.ending || pool.ended ? undefined : pool.end()))),
  };
}

/** @returns names of the migrations that ran; none before the first */
async function carriedOut<Schema>(db: Kysely<Schema>): Promise<string[]> {
  const { rows: tables } =
    await sql`select from pg_tables where schemaname = current_schema() and tablename = 'migration'`.execute(db);
  if (tables.length === 0) return [];
  const { rows } = await sql<{ name: string }>`select name from migration`.execute(db);
  return rows.map(({ name }) => name);
}
