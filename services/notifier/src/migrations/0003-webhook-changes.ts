import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';

/** Webhooks that can be changed: what they are for, which scenarios they hear of, and secrets on their way out. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table webhooks add column scenarios text[], add column description text`.execute(db);
  await sql`
    create table retired_secrets (
      tenant text not null,
      webhook_id text not null,
      secret bytea not null,
      valid_until timestamptz(3) not null,
      foreign key (tenant, webhook_id) references webhooks (tenant, id)
    )`.execute(db);
  await sql`create index retired_secrets_of_webhook on retired_secrets (tenant, webhook_id)`.execute(db);
  await tenantTable(db, 'retired_secrets');
}
