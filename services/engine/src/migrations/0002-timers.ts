import { tenantTable } from '@handover/database';
import type { Kysely } from 'kysely';
import { crossTenantPolicy } from '../every-tenant.js';

/** When a process has to be looked at next because time has passed: one row, for the earliest of its timeouts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('timers')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('process', 'uuid', (column) => column.notNull())
    .addColumn('due_at', 'timestamptz', (column) => column.notNull())
    // Taken by a scheduler until then; one that dies loses its claim.
    .addColumn('claimed_until', 'timestamptz')
    .addPrimaryKeyConstraint('timers_pk', ['tenant', 'process'])
    .addForeignKeyConstraint('timers_process', ['tenant', 'process'], 'processes', ['tenant', 'id'], (constraint) =>
      constraint.onDelete('cascade'),
    )
    .execute();
  await db.schema.createIndex('timers_by_due').on('timers').columns(['due_at']).execute();
  await tenantTable(db, 'timers');
  await crossTenantPolicy(db, 'timers');
}
