import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';
import { crossTenantPolicy } from '../every-tenant.js';

/** When processes ended, to find those whose time has come; and the archive they go to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('endings')
    .addColumn('tenant', 'text', (column) => column.notNull())
    // No foreign key: it outlives the process's row until the archive, too, has let go of it.
    .addColumn('process', 'uuid', (column) => column.notNull())
    .addColumn('ended_at', 'timestamptz', (column) => column.notNull())
    .addColumn('archived', 'boolean', (column) => column.notNull().defaultTo(false))
    // Taken by a replica until then; one that dies loses its claim.
    .addColumn('claimed_until', 'timestamptz')
    .addPrimaryKeyConstraint('endings_pk', ['tenant', 'process'])
    .execute();
  await db.schema.createIndex('endings_by_time').on('endings').columns(['archived', 'ended_at']).execute();

  await db.schema
    .createTable('archived_processes')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'uuid', (column) => column.notNull())
    .addColumn('scenario', 'uuid', (column) => column.notNull())
    // Snapshot, events and log as JSON, compressed: nobody searches in it, and it is read whole.
    .addColumn('content', 'bytea', (column) => column.notNull())
    .addColumn('archived_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('archived_processes_pk', ['tenant', 'id'])
    .addForeignKeyConstraint('archived_processes_scenario', ['tenant', 'scenario'], 'scenarios', ['tenant', 'id'])
    .execute();
  // It is compressed already: Postgres need not try.
  await sql`alter table archived_processes alter column content set storage external`.execute(db);

  // Processes that have ended before this table was there. Row-level security is forced, so the owner lifts it for a moment.
  await sql`alter table processes no force row level security`.execute(db);
  await sql`
    insert into endings (tenant, process, ended_at) select tenant, id, updated_at from processes where not running
  `.execute(db);
  await sql`alter table processes force row level security`.execute(db);

  await tenantTable(db, 'endings');
  await tenantTable(db, 'archived_processes');
  await crossTenantPolicy(db, 'endings');

  // What is taken away in batches is given back soon, not when a fifth of a large table is dead.
  for (const table of ['processes', 'events', 'archived_processes', 'endings']) {
    await sql`alter table ${sql.table(table)} set (autovacuum_vacuum_scale_factor = 0.02)`.execute(db);
  }
}
