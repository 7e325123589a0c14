import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';
import { crossTenantPolicy } from '../every-tenant.js';

/** Taking processes to another scenario: the work, and what came of each process. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('process_migrations')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'uuid', (column) => column.notNull())
    .addColumn('selection', 'json', (column) => column.notNull())
    .addColumn('target', 'uuid', (column) => column.notNull())
    .addColumn('dry_run', 'boolean', (column) => column.notNull())
    // Who decided it, as the events of the processes will say.
    .addColumn('actor', 'json', (column) => column.notNull())
    .addColumn('idempotency_key', 'text')
    .addColumn('fingerprint', 'text')
    // Every process selected has its item.
    .addColumn('planned', 'boolean', (column) => column.notNull().defaultTo(false))
    // Id of the last process that was selected.
    .addColumn('cursor', 'uuid')
    .addColumn('total', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('examined', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('fits', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('migrated', 'integer', (column) => column.notNull().defaultTo(0))
    // Taken by a replica until then; one that dies loses its claim.
    .addColumn('claimed_until', 'timestamptz')
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('finished_at', 'timestamptz')
    .addPrimaryKeyConstraint('process_migrations_pk', ['tenant', 'id'])
    .addUniqueConstraint('process_migrations_key', ['tenant', 'idempotency_key'])
    .addForeignKeyConstraint('process_migrations_target', ['tenant', 'target'], 'scenarios', ['tenant', 'id'])
    .execute();
  await sql`create index process_migrations_open on process_migrations (created_at) where finished_at is null`.execute(
    db,
  );
  await db.schema
    .createIndex('process_migrations_by_time')
    .on('process_migrations')
    .columns(['tenant', 'created_at', 'id'])
    .execute();
  await db.schema
    .createTable('process_migration_items')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('migration', 'uuid', (column) => column.notNull())
    // No foreign key: what came of it is told even when the process is gone.
    .addColumn('process', 'uuid', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    // Null until it was examined.
    .addColumn('fits', 'boolean')
    .addColumn('migrated', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('new_state', 'text')
    .addColumn('reasons', sql`text[]`, (column) => column.notNull().defaultTo(sql`'{}'`))
    .addPrimaryKeyConstraint('process_migration_items_pk', ['tenant', 'migration', 'process'])
    .addForeignKeyConstraint(
      'process_migration_items_migration',
      ['tenant', 'migration'],
      'process_migrations',
      ['tenant', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute();
  await sql`
    create index process_migration_items_open on process_migration_items (tenant, migration, process) where fits is null
  `.execute(db);
  await tenantTable(db, 'process_migrations');
  await tenantTable(db, 'process_migration_items');
  await crossTenantPolicy(db, 'process_migrations');
}
