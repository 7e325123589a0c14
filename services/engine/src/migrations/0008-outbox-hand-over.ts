import { sql, type Kysely } from 'kysely';

/**
 * An announcement may be taken by the replica that makes it, in the transaction that makes it: it goes from memory to the
 * bus without being read back. Others know by whom, so that nothing overtakes it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('outbox').addColumn('claimed_by', 'uuid').execute();
  // Rows live for moments: their pages are to be cleaned before they are many.
  await sql`alter table outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000)`.execute(
    db,
  );
}
