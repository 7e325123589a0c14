import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';

/** JSON schemas that scenarios refer to: the tenant's own, and beside each scenario those it was stored with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('schemas')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    // Counts the changes.
    .addColumn('version', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('document', 'json', (column) => column.notNull())
    .addColumn('updated_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('schemas_pk', ['tenant', 'id'])
    .execute();
  await tenantTable(db, 'schemas');
  // Null: it refers to none.
  await db.schema.alterTable('scenarios').addColumn('schemas', 'json').execute();
}
