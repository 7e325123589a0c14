import { sql, type Kysely } from 'kysely';

/** What is due next is found target by target: by time alone, all lanes of targets that are full were read to be passed over. */
// Breaking: a replica of the version before looks through all lanes for what is due next.
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index delivery_lanes_due`.execute(db);
}
