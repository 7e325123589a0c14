import { sql, type Kysely, type Transaction } from 'kysely';
import type { AuthSchema } from '../database.js';

/** Principals live 15 minutes at most (PRINCIPAL_TTL): whatever was revoked before that is of no account any more. */
const REMEMBERED = sql`now() - interval '30 minutes'`;

/** Notes that a key is revoked, for everybody who holds principals of it. */
export async function insertRevocation(tx: Transaction<AuthSchema>, key: string): Promise<void> {
  await tx
    .deleteFrom('revocations')
    .where('revoked_at', '<', sql<Date>`${REMEMBERED}`)
    .execute();
  await tx
    .insertInto('revocations')
    .values({ key })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Ids of the keys, of all tenants, that were revoked in the last half hour. */
export async function recentRevocations(db: Kysely<AuthSchema>): Promise<string[]> {
  const rows = await db
    .selectFrom('revocations')
    .select('key')
    .where('revoked_at', '>=', sql<Date>`${REMEMBERED}`)
    .execute();
  return rows.map(({ key }) => key);
}
