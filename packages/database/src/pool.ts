import pg from 'pg';
import { columnValues } from './column-values.js';
import type { Log } from './log.js';

/**
 * A pool whose broken connections are logged and replaced. They fail the query in hand and never the process.
 * Column values: see `column-values.ts`.
 */
export function openPool(config: pg.PoolConfig, log: Log | undefined): pg.Pool {
  const pool = new pg.Pool({ keepAlive: true, types: columnValues, ...config });
  // An error event without a listener ends the process. The pool listens only while a connection is idle, so one that
  // breaks between two statements of a transaction needs a listener of its own; an idle one is told to both.
  const lost = new WeakSet<pg.PoolClient>();
  pool.on('connect', (client) => {
    client.on('error', (err: Error) => {
      if (lost.has(client)) return;
      lost.add(client);
      log?.warn({ err, applicationName: config.application_name }, 'a database connection was lost');
    });
  });
  pool.on('error', () => undefined);
  return pool;
}
