import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';
import { randomBytes } from 'node:crypto';
import { crossTenantPolicy } from '../every-tenant.js';

/** Notifications that wait for their time, and the keys that sign the right to answer one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('delayed_notifications')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('process', 'uuid', (column) => column.notNull())
    .addColumn('due_at', 'timestamptz', (column) => column.notNull())
    // Taken by a scheduler until then; one that dies loses its claim.
    .addColumn('claimed_until', 'timestamptz')
    // Without a message: the standard one is made when it is due.
    .addColumn('notification', 'json', (column) => column.notNull())
    .addPrimaryKeyConstraint('delayed_notifications_pk', ['tenant', 'id'])
    .addForeignKeyConstraint(
      'delayed_notifications_process',
      ['tenant', 'process'],
      'processes',
      ['tenant', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute();
  await db.schema
    .createIndex('delayed_notifications_by_process')
    .on('delayed_notifications')
    .columns(['tenant', 'process'])
    .execute();
  await db.schema.createIndex('delayed_notifications_by_due').on('delayed_notifications').columns(['due_at']).execute();
  await tenantTable(db, 'delayed_notifications');
  await crossTenantPolicy(db, 'delayed_notifications');

  // Of no tenant. The newest signs, all of them verify: a new row rotates the key.
  await db.schema
    .createTable('reply_keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('key', 'bytea', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute();
  await sql`insert into reply_keys (id, key) values (${randomBytes(6).toString('hex')}, ${randomBytes(32)})`.execute(
    db,
  );
}
