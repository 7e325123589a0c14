import { sql, type Kysely } from 'kysely';

/** Attempts are written together with their delivery, which the key would look up, and lock, for each. */
// Breaking: a replica of the version before leaves attempts of the deliveries it forgets, which nothing shows any more.
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table attempts drop constraint attempts_delivery`.execute(db);
}
