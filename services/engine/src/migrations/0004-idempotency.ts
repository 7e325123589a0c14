import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';
import { crossTenantPolicy } from '../every-tenant.js';

/** Answers to commands that carried an idempotency key, kept so that the same key gets the same answer. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('idempotency')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('outcome', 'json', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('idempotency_pk', ['tenant', 'key'])
    .execute();
  await db.schema.createIndex('idempotency_by_age').on('idempotency').columns(['created_at']).execute();
  await tenantTable(db, 'idempotency');
  await crossTenantPolicy(db, 'idempotency');
}
