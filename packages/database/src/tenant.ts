import { type Kysely, sql, type Transaction } from 'kysely';
import type { Scope } from './transact.js';

/** The setting that names the tenant whose rows a transaction sees and writes. */
const SETTING = 'handover.tenant';

/** For a transaction that sees and writes the rows of one tenant only. @param tenant not empty */
export function tenantScope(tenant: string): Scope {
  if (tenant === '') throw new TypeError('tenant must not be empty');
  return { [SETTING]: tenant };
}

/**
 * Runs `work` in one transaction that sees and writes the rows of one tenant only. Commits when `work` resolves, rolls
 * back when it throws and throws the same error. Outside of it a tenant table shows no row and takes none.
 * @param tenant not empty
 */
export async function withTenant<Schema, Result>(
  db: Kysely<Schema>,
  tenant: string,
  work: (tx: Transaction<Schema>) => Promise<Result>,
): Promise<Result> {
  if (tenant === '') throw new TypeError('tenant must not be empty');
  return db.transaction().execute(async (tx) => {
    await sql`select set_config(${SETTING}, ${tenant}, true)`.execute(tx);
    return work(tx);
  });
}

/**
 * For migrations: makes `table` a tenant table. Row-level security is forced, so it holds for the table's owner too.
 * The table needs a text column that names the row's tenant; keys and indexes should begin with it.
 * @param column name of that column; default `tenant`
 */
export async function tenantTable(db: Kysely<unknown>, table: string, column = 'tenant'): Promise<void> {
  const name = sql.table(table);
  await sql`alter table ${name} enable row level security`.execute(db);
  await sql`alter table ${name} force row level security`.execute(db);
  // The setting reads as null where it was never set and as '' after the transaction that set it: neither is a tenant.
  // Inside a sub-select it is read once per statement instead of once per row, and an index on the column still serves.
  const current = sql`(select nullif(current_setting(${sql.lit(SETTING)}, true), ''))`;
  const own = sql`${sql.ref(column)} = ${current}`;
  await sql`create policy tenant on ${name} using (${own}) with check (${own})`.execute(db);
}
