import { dockerPostgres } from './docker.js';
import { embeddedPostgres } from './embedded.js';
import { type PostgresServer, usable } from './usable.js';

export type { PostgresServer } from './usable.js';

const LOCAL = 'postgres://postgres@127.0.0.1:5432/postgres';

/**
 * A real Postgres 15 or newer on which tests may create databases and roles. The first that can be used:
 * 1. the one `TEST_DATABASE_URL` names (no other is tried when it is set)
 * 2. user `postgres` without a password on 127.0.0.1:5432
 * 3. a container, when a Docker engine answers
 * 4. the server binaries of `@handover/database/embedded`, in a temporary directory
 * @throws naming what was tried and why each failed
 */
export async function startPostgres(): Promise<PostgresServer> {
  const named = process.env.TEST_DATABASE_URL;
  const candidates: readonly [string, () => Promise<PostgresServer>][] =
    named === undefined
      ? [
          ['127.0.0.1:5432', () => usable(LOCAL, 'local')],
          ['Docker', dockerPostgres],
          ['embedded Postgres', embeddedPostgres],
        ]
      : [['TEST_DATABASE_URL', () => usable(named, 'environment')]];
  const failures: string[] = [];
  for (const [name, start] of candidates) {
    try {
      return await start();
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message || error.name : String(error)}`);
    }
  }
  throw new Error(`no Postgres for tests; set TEST_DATABASE_URL to an admin URL. Tried\n  ${failures.join('\n  ')}`);
}
