import { sql, type Kysely } from 'kysely';

/** Since when a target fails, and that a webhook was disabled for it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table circuits add column failing_since timestamptz(3) not null default now()`.execute(db);
  await sql`alter table deliveries drop constraint deliveries_announce_check`.execute(db);
  await sql`
    alter table deliveries add constraint deliveries_announce_check
      check (announce in ('delivery.failed', 'delivery.reply-refused', 'webhook.disabled'))`.execute(db);
}
