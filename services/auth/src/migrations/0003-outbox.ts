import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';
import { EVERY_TENANT } from '../outbox/outbox.repository.js';

/** Announcements of keys that wait to leave. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('outbox')
    .addColumn('seq', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('event', 'json', (column) => column.notNull())
    .execute();
  await tenantTable(db, 'outbox');
  const isOn = sql`(select current_setting(${sql.lit(EVERY_TENANT)}, true)) = 'on'`;
  await sql`create policy every_tenant on outbox using (${isOn}) with check (${isOn})`.execute(db);
}
