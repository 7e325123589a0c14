import { sql, type Kysely } from 'kysely';

/** What a webhook's messages are signed by beside its secret, and the keys that do. They are the installation's, no tenant's. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table webhooks add column signing text not null default 'v1'`.execute(db);
  await sql`
    create table signing_keys (
      kid text primary key,
      public_jwk json not null,
      sealed bytea not null,
      created_at timestamptz(3) not null
    )`.execute(db);
}
