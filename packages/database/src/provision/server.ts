import type pg from 'pg';
import { withClient } from '../client.js';

export interface Server {
  /** Such as `15.4`. */
  readonly version: string;
  /** The one that is connected to. */
  readonly database: string;
  /** Whether the connected role is a superuser. */
  readonly superuser: boolean;
}

const OLDEST = 150_000;

/** @throws when the server is older than PostgreSQL 15 */
export async function describeServer(client: pg.Client): Promise<Server> {
  const { rows } = await client.query<Server & { number: number }>(`
    select current_database() as database, rolsuper as superuser,
           split_part(current_setting('server_version'), ' ', 1) as version,
           current_setting('server_version_num')::int as number
    from pg_roles where rolname = current_user`);
  const [server] = rows;
  if (server === undefined) throw new Error('the connected role does not exist any more');
  if (server.number >= OLDEST) return server;
  throw new Error(`the database server is PostgreSQL ${server.version}; version 15 or newer is needed`);
}

/**
 * Looks at the server behind an admin URL before anything is changed there.
 * @throws the driver's error when it cannot be reached; an error naming its version when it is too old
 */
export function inspectServer(adminUrl: string): Promise<Server> {
  return withClient(adminUrl, 'provision', describeServer);
}
