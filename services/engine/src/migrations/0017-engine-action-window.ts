import { sql, type Kysely } from 'kysely';

/**
 * Actions of the engine are counted within an hour: what goes round in a ring is stopped, and what lives for years does not run
 * out. The version before goes on counting from where it is.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('engine_action_counts')
    .addColumn('since', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute();
}
