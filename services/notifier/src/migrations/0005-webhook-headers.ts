import { sql, type Kysely } from 'kysely';

/** Webhooks with headers of their own and a key pair; deliveries that say which event they carry, and in which trace. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table webhooks add column public_key text, add column headers json, add column sealed_headers bytea`.execute(
    db,
  );
  await sql`alter table deliveries add column event text, add column traceparent text`.execute(db);
}
