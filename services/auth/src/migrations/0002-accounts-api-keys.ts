import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tenants')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    // From then on no token of the tenant is exchanged.
    .addColumn('suspended_at', 'timestamptz')
    .execute();

  // Users as their issuers last described them: what a key that is bound to one may do is decided by this.
  await db.schema
    .createTable('accounts')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('info', 'json', (column) => column.notNull())
    .addColumn('roles', sql`text[]`, (column) => column.notNull())
    // When the token that said so was issued: an older token does not bring lost roles back.
    .addColumn('stated_at', 'timestamptz', (column) => column.notNull())
    .addPrimaryKeyConstraint('accounts_pk', ['tenant', 'id'])
    .execute();

  await db.schema
    .createTable('api_keys')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('token_hash', 'bytea', (column) => column.notNull().unique())
    .addColumn('last_four', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('owner', 'text')
    .addColumn('service', 'text')
    .addColumn('instance', 'text')
    .addColumn('privileges', sql`text[]`, (column) => column.notNull())
    .addColumn('processes', 'json')
    // Id of the principal that issued it.
    .addColumn('issued_by', 'text', (column) => column.notNull())
    .addColumn('issued_at', 'timestamptz', (column) => column.notNull())
    .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
    .addColumn('last_used_at', 'timestamptz')
    .addColumn('revoked_at', 'timestamptz')
    .addPrimaryKeyConstraint('api_keys_pk', ['tenant', 'id'])
    .execute();

  // Ids and times only, of no tenant: gateways and engines ask for the revocations of all.
  await db.schema
    .createTable('revocations')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('revoked_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute();

  await tenantTable(db, 'tenants', 'id');
  await tenantTable(db, 'accounts');
  await tenantTable(db, 'api_keys');
  // A token says nothing of its tenant. Whoever presents a key's hash in the transaction may read that one row.
  const presented = sql`(select decode(nullif(current_setting('handover.token_hash', true), ''), 'hex'))`;
  await sql`create policy presented on api_keys for select using (token_hash = ${presented})`.execute(db);
}
