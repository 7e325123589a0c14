import type { Kysely } from 'kysely';

/** How often a process was made anew from its events, so that no replica writes what it remembers over a repair. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('processes')
    .addColumn('repairs', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
