import { sql, type Kysely, type Transaction } from 'kysely';
import type { EngineSchema, StoredOutcome } from '../database.js';
import { withEveryTenant } from '../every-tenant.js';

/** A command's claim to be carried out once: the caller's key, and what tells the same command from another. */
export interface Idempotency {
  readonly key: string;
  /** Hash of everything the caller asked for. */
  readonly fingerprint: string;
}

/** What a key was used for, and what came of it. */
export interface KeptAnswer extends Idempotency {
  readonly outcome: StoredOutcome;
}

/** Unique constraint that two replicas meet which carry out the same key at the same moment. */
export const IDEMPOTENCY_KEY = 'idempotency_pk';

/** The answers that were given for these keys already. */
export async function findAnswers(
  tx: Transaction<EngineSchema>,
  keys: readonly string[],
): Promise<Map<string, KeptAnswer>> {
  if (keys.length === 0) return new Map();
  const rows = await tx
    .selectFrom('idempotency')
    .select(['key', 'fingerprint', 'outcome'])
    .where('key', 'in', keys)
    .execute();
  return new Map(rows.map((row) => [row.key, row]));
}

/** Keeps answers with what they answer for, in one transaction. */
export async function keepAnswers(
  tx: Transaction<EngineSchema>,
  tenant: string,
  answers: readonly KeptAnswer[],
): Promise<void> {
  if (answers.length === 0) return;
  const rows = answers.map((answer) => ({ ...answer, tenant, outcome: JSON.stringify(answer.outcome) }));
  await tx.insertInto('idempotency').values(rows).execute();
}

/** Forgets answers older than `hours`, of all tenants, at most `limit`; returns how many. */
export function forgetAnswers(db: Kysely<EngineSchema>, hours: number, limit: number): Promise<number> {
  return withEveryTenant(db, async (tx) => {
    const forgotten = await sql`
      delete from idempotency where (tenant, key) in (
        select tenant, key from idempotency where created_at < now() - ${hours} * interval '1 hour' limit ${limit}
      )
    `.execute(tx);
    return Number(forgotten.numAffectedRows ?? 0n);
  });
}
