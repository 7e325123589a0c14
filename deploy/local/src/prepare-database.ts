import { provision } from '@handover/database';
import type { Postgres } from './postgres.js';
import type { Secrets } from './secrets.js';
import { runMigration } from './services/migrate.js';

export interface DatabaseWork {
  readonly postgres: Postgres;
  readonly passwords: Secrets['passwords'];
  /** Migration script per service that has a database. */
  readonly migrations: Readonly<Record<string, string>>;
  /** Environment of a migration, apart from the URL. */
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/**
 * Gives each service its schema and roles and brings the schema up to date.
 * @returns per service the URL it connects with
 */
export async function prepareDatabase(work: DatabaseWork): Promise<Record<string, string>> {
  const { postgres, passwords, migrations, environment, signal } = work;
  const credentials = Object.keys(migrations).map((name) => {
    const password = passwords[name];
    if (password === undefined) throw new Error(`there is no database password for ${name}`);
    return { name, ownerPassword: password.owner, runtimePassword: password.runtime };
  });
  const access = await provision({
    adminUrl: postgres.adminUrl,
    prefix: postgres.rolePrefix,
    services: credentials,
  });
  const migrated = Object.entries(access).map(async ([name, { ownerUrl }]) => {
    const script = migrations[name] ?? '';
    await runMigration(name, script, { ...environment, MIGRATION_DATABASE_URL: ownerUrl }, signal);
  });
  await Promise.all(migrated);
  return Object.fromEntries(Object.entries(access).map(([name, { runtimeUrl }]) => [name, runtimeUrl]));
}
