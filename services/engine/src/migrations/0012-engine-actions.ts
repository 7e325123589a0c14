import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';
import { crossTenantPolicy } from '../every-tenant.js';

/** What states ask of the engine itself, until it is done and, where a sub-process was started, until that has ended. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('engine_actions')
    .addColumn('tenant', 'text', (column) => column.notNull())
    // Follows from the event and the position of the entry: the same wish has the same id.
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('process', 'uuid', (column) => column.notNull())
    // Id of the process it starts, if it starts one; known beforehand, so that it is started once.
    .addColumn('child', 'uuid', (column) => column.notNull())
    .addColumn('started', 'boolean', (column) => column.notNull().defaultTo(false))
    // It went wrong, and waits to be retried with the incident of its process.
    .addColumn('failed', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('entered', 'text', (column) => column.notNull())
    .addColumn('delayed', 'boolean', (column) => column.notNull())
    .addColumn('message', 'json', (column) => column.notNull())
    // How many processes started each other down to the one it starts, and the first of them.
    .addColumn('depth', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('root', 'uuid')
    // Null: it waits for its sub-process to end.
    .addColumn('due_at', 'timestamptz')
    .addColumn('claimed_until', 'timestamptz')
    .addPrimaryKeyConstraint('engine_actions_pk', ['tenant', 'id'])
    .addForeignKeyConstraint(
      'engine_actions_process',
      ['tenant', 'process'],
      'processes',
      ['tenant', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute();
  await db.schema.createIndex('engine_actions_by_due').on('engine_actions').columns(['due_at']).execute();
  await db.schema.createIndex('engine_actions_by_child').on('engine_actions').columns(['tenant', 'child']).execute();
  await db.schema
    .createIndex('engine_actions_by_process')
    .on('engine_actions')
    .columns(['tenant', 'process'])
    .execute();

  await db.schema
    .createTable('engine_action_counts')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('root', 'uuid', (column) => column.notNull())
    .addColumn('count', 'integer', (column) => column.notNull().defaultTo(sql`1`))
    .addPrimaryKeyConstraint('engine_action_counts_pk', ['tenant', 'root'])
    .addForeignKeyConstraint(
      'engine_action_counts_root',
      ['tenant', 'root'],
      'processes',
      ['tenant', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute();
  await tenantTable(db, 'engine_actions');
  await tenantTable(db, 'engine_action_counts');
  await crossTenantPolicy(db, 'engine_actions');
}
