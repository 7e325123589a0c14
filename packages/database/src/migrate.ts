import { Kysely, type Migration, Migrator, PostgresDialect } from 'kysely';
import { identifier } from './identifier.js';
import type { Log } from './log.js';
import { openPool } from './pool.js';

export type { Migration } from 'kysely';

/** Released migrations by name, such as `0001-scenarios-and-processes`. A released one is never changed or renamed. */
export type Migrations = Readonly<Record<string, Migration>>;

export interface MigrateOptions {
  /** Connects as the role that owns the schema. */
  readonly url: string;
  /** Exists already, see `provision`. Unqualified names in migrations mean this schema. */
  readonly schema: string;
  readonly migrations: Migrations;
  readonly log?: Log;
}

const NAME = /^\d{4}-[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * Brings a service's schema up to date: runs, in the order of their names, the migrations that have not run yet, all in
 * one transaction. Safe when several run at once: they take turns, and the later ones find nothing to do.
 * @returns names of the migrations that ran now
 * @throws the first error, after everything was rolled back; also when the schema knows a migration this code does not
 */
export async function migrate({ url, schema, migrations, log }: MigrateOptions): Promise<string[]> {
  for (const name of Object.keys(migrations)) {
    if (!NAME.test(name)) throw new TypeError(`migration "${name}" must be named like 0001-what-it-does`);
  }
  const pool = openPool(
    {
      connectionString: url,
      application_name: `migrate ${schema}`,
      max: 1,
      options: `-c search_path=${identifier('schema', schema)}`,
    },
    log,
  );
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const migrator = new Migrator({
      db,
      provider: { getMigrations: async () => ({ ...migrations }) },
      migrationTableSchema: schema,
      migrationTableName: 'migration',
      migrationLockTableName: 'migration_lock',
    });
    const { error, results = [] } = await migrator.migrateToLatest();
    const failed = results.find(({ status }) => status === 'Error');
    if (error !== undefined) throw explained(error, schema, failed?.migrationName);
    const applied = results.map(({ migrationName }) => migrationName);
    log?.info({ schema, applied }, applied.length === 0 ? 'schema is up to date' : 'schema was migrated');
    return applied;
  } finally {
    await db.destroy();
  }
}

function explained(error: unknown, schema: string, migration: string | undefined): Error {
  const place = migration === undefined ? `schema "${schema}"` : `migration "${migration}" of schema "${schema}"`;
  return new Error(`${place} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
