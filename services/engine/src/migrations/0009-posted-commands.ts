import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';
import { crossTenantPolicy } from '../every-tenant.js';

/** Commands that were accepted to be carried out later, and what came of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('commands')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'uuid', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull().generatedAlwaysAsIdentity())
    .addColumn('type', 'text', (column) => column.notNull())
    // What it is about: commands of one subject are carried out one after the other.
    .addColumn('subject', 'text')
    // Who may ask for its status.
    .addColumn('owner', 'text', (column) => column.notNull())
    // Who sent it, as verified when it was accepted; no token.
    .addColumn('principal', 'json', (column) => column.notNull())
    .addColumn('body', 'json', (column) => column.notNull())
    .addColumn('idempotency_key', 'text')
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('request_id', 'text')
    .addColumn('traceparent', 'text')
    // Not before: while it is in hand the end of that claim, after a failure the time of the next attempt.
    .addColumn('due_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('outcome', 'json')
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('finished_at', 'timestamptz')
    .addPrimaryKeyConstraint('commands_pk', ['tenant', 'id'])
    .addUniqueConstraint('commands_key', ['tenant', 'idempotency_key'])
    .execute();
  await sql`create index commands_open on commands (seq) where finished_at is null`.execute(db);
  await sql`create index commands_by_subject on commands (tenant, subject, seq) where finished_at is null`.execute(db);
  await sql`create index commands_ended on commands (finished_at) where finished_at is not null`.execute(db);
  await tenantTable(db, 'commands');
  await crossTenantPolicy(db, 'commands');
}
