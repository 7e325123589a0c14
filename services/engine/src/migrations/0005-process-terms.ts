import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';
import { fillTerms } from '../lists/fill-terms.js';

/**
 * What processes are found by: one narrow row per process and term (see lists/terms.ts), with what lists are sorted by, so that
 * the first page of any term's processes is read off an index, however many there are. B-trees only: the operators of GIN and
 * trigram indexes may leak what they see, so row-level security keeps the planner from using them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('process_terms')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('process', 'uuid', (column) => column.notNull())
    // Compared by code points: beginnings of words are ranges, and the order is the same on every server.
    .addColumn('term', sql`text collate "C"`, (column) => column.notNull())
    .addColumn('title', sql`text collate "C"`, (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addPrimaryKeyConstraint('process_terms_pk', ['tenant', 'process', 'term'])
    .addForeignKeyConstraint(
      'process_terms_process',
      ['tenant', 'process'],
      'processes',
      ['tenant', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute();
  await db.schema
    .createIndex('process_terms_by_title')
    .on('process_terms')
    .columns(['tenant', 'term', 'title', 'created_at', 'process'])
    .execute();
  await db.schema
    .createIndex('process_terms_by_creation')
    .on('process_terms')
    .columns(['tenant', 'term', 'created_at', 'process'])
    .execute();
  await db.schema.createIndex('processes_by_update').on('processes').columns(['tenant', 'updated_at', 'id']).execute();
  await db.schema.createIndex('scenarios_by_name').on('scenarios').columns(['tenant', 'name', 'version']).execute();

  // Not even the owner sees rows of a tenant table; what there is already has to be found too.
  for (const table of ['processes', 'scenarios']) {
    await sql`alter table ${sql.table(table)} no force row level security`.execute(db);
  }
  await fillTerms(db);
  for (const table of ['processes', 'scenarios']) {
    await sql`alter table ${sql.table(table)} force row level security`.execute(db);
  }
  await tenantTable(db, 'process_terms');
}
