import type { Scope } from '@handover/database';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { EngineSchema } from './database.js';

const SETTING = 'handover.every_tenant';

/** {@link withEveryTenant}, for statements that are sent at once. */
export const everyTenantScope: Scope = { [SETTING]: 'on' };

/**
 * A transaction that sees the rows of every tenant, in the few tables that background work reads across tenants (those made
 * with {@link crossTenantPolicy}): the outbox and the timers. Tables of documents have no such policy.
 */
export function withEveryTenant<T>(
  db: Kysely<EngineSchema>,
  work: (tx: Transaction<EngineSchema>) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`select set_config(${SETTING}, 'on', true)`.execute(tx);
    return work(tx);
  });
}

/** For migrations: lets {@link withEveryTenant} read and change a tenant table, beside the tenant's own policy. */
export async function crossTenantPolicy(db: Kysely<unknown>, table: string): Promise<void> {
  const isOn = sql`(select current_setting(${sql.lit(SETTING)}, true)) = 'on'`;
  await sql`create policy every_tenant on ${sql.table(table)} using (${isOn}) with check (${isOn})`.execute(db);
}
