import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';

/** What could not be carried out when nobody was waiting for an answer. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('incidents')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'uuid', (column) => column.notNull())
    .addColumn('process', 'uuid', (column) => column.notNull())
    .addColumn('code', 'text', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull())
    // The process's version it happened in.
    .addColumn('etag', 'text', (column) => column.notNull())
    .addColumn('opened_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('closed_at', 'timestamptz')
    .addPrimaryKeyConstraint('incidents_pk', ['tenant', 'id'])
    .addForeignKeyConstraint('incidents_process', ['tenant', 'process'], 'processes', ['tenant', 'id'], (constraint) =>
      constraint.onDelete('cascade'),
    )
    .execute();
  // At most one is open per process: it stands still until the incident is closed.
  await sql`create unique index incidents_open on incidents (tenant, process) where closed_at is null`.execute(db);
  await db.schema.createIndex('incidents_by_time').on('incidents').columns(['tenant', 'opened_at', 'id']).execute();
  await tenantTable(db, 'incidents');
}
