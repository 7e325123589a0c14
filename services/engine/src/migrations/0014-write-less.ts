import { sql, type Kysely } from 'kysely';

/**
 * What a step writes is kept small. Its state is found by the process's own row: as a term it would be a row taken away and one
 * added, in three indexes, with every step. Events and terms are written in the transaction that writes their process and
 * removed in the one that removes it, so that a foreign key would look up, and lock, what has just been written.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('events').dropConstraint('events_process').execute();
  await db.schema.alterTable('process_terms').dropConstraint('process_terms_process').execute();
  await db.schema
    .createIndex('processes_by_state')
    .on('processes')
    .columns(['tenant', 'state', 'created_at', 'id'])
    .execute();
  // Nearly all announcements are taken as they are made: that there are none before that wait is seen at a glance.
  await sql`create index outbox_unclaimed on outbox (process) where claimed_by is null`.execute(db);
  // Row-level security is forced, so the owner lifts it for a moment.
  await sql`alter table process_terms no force row level security`.execute(db);
  await sql`delete from process_terms where term >= 'state:' and term < 'state;'`.execute(db);
  await sql`alter table process_terms force row level security`.execute(db);
}
