import type { SchemaSummary } from '@handover/contracts';
import type { JsonSchema } from '@handover/scenario';
import { sql, type Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';

type Tx = Transaction<EngineSchema>;

interface Row {
  readonly id: string;
  readonly version: number;
  readonly document: JsonSchema;
  readonly updated_at: string;
}

/** How a schema is shown in a list. */
export function summaryOf({ id, version, document, updated_at }: Row): SchemaSummary {
  return { ...titled(id, document), source: 'tenant', version, updated: new Date(updated_at).toISOString() };
}

/** @returns a schema's id, and its title when it has one */
export function titled(id: string, document: JsonSchema): Pick<SchemaSummary, 'id' | 'title'> {
  const title = typeof document === 'object' ? document.title : undefined;
  return { id, ...(typeof title === 'string' && { title }) };
}

/** The tenant's schemas, by id. */
export async function allSchemas(tx: Tx): Promise<Row[]> {
  return tx.selectFrom('schemas').select(['id', 'version', 'document', 'updated_at']).orderBy('id').execute();
}

/** Those of the tenant's schemas that have one of these ids. */
export async function schemasOf(tx: Tx, ids: readonly string[]): Promise<Row[]> {
  return tx
    .selectFrom('schemas')
    .select(['id', 'version', 'document', 'updated_at'])
    .where('id', '=', sql<string>`any(${ids}::text[])`)
    .execute();
}

export async function countSchemas(tx: Tx): Promise<number> {
  const { count } = await tx
    .selectFrom('schemas')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Keeps a schema under its id. Its version goes up when it is another one than before. */
export async function saveSchema(tx: Tx, tenant: string, id: string, document: JsonSchema): Promise<Row> {
  const text = JSON.stringify(document);
  const saved = await tx
    .insertInto('schemas')
    .values({ tenant, id, document: text })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'id'])
        .doUpdateSet({ document: text, version: sql`schemas.version + 1`, updated_at: sql`now()` })
        .where(sql<boolean>`schemas.document::text <> excluded.document::text`),
    )
    .returning(['id', 'version', 'document', 'updated_at'])
    .executeTakeFirst();
  const [kept] = saved ? [saved] : await schemasOf(tx, [id]);
  if (!kept) throw new Error(`schema ${id} vanished while it was kept`);
  return kept;
}

/** @returns whether it was there */
export async function removeSchema(tx: Tx, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom('schemas').where('id', '=', id).executeTakeFirst();
  return numDeletedRows > 0n;
}
