import { sql, type Kysely } from 'kysely';

/** An incident keeps the reply that could not be evaluated, to be tried again with it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table incidents add column reply json`.execute(db);
}
