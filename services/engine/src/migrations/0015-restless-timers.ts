import type { Kysely } from 'kysely';

/** How often in a row a process went on by itself, without anything else happening or time passing. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('timers')
    .addColumn('restless', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
