import { HandoverError } from '@handover/contracts';
import type { Statement } from '@handover/database';
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

/**
 * What came of a command before, if it was carried out.
 * @throws HandoverError `idempotency_mismatch` when its key belongs to another one
 */
export async function findAnswer(
  tx: Transaction<EngineSchema>,
  { key, fingerprint }: Idempotency,
): Promise<StoredOutcome | undefined> {
  const kept = (await findAnswers(tx, [key])).get(key);
  if (kept && kept.fingerprint !== fingerprint) {
    throw new HandoverError('idempotency_mismatch', 'The idempotency key was used for another command');
  }
  return kept?.outcome;
}

/** Keeps one answer. @throws a violation of {@link IDEMPOTENCY_KEY} when another transaction was first */
export async function keepAnswer(
  tx: Transaction<EngineSchema>,
  tenant: string,
  { key, fingerprint, outcome }: KeptAnswer,
): Promise<void> {
  await tx
    .insertInto('idempotency')
    .values({ tenant, key, fingerprint, outcome: JSON.stringify(outcome) })
    .execute();
}

/** Keeps answers with what they answer for, in one transaction. */
export function keepAnswers(tenant: string, answers: readonly KeptAnswer[]): Statement[] {
  if (answers.length === 0) return [];
  return [
    {
      name: 'keep_answers',
      sql: `
        insert into idempotency (tenant, key, fingerprint, outcome)
        select $1, kept.* from unnest($2::text[], $3::text[], $4::json[]) as kept`,
      parameters: [
        tenant,
        answers.map(({ key }) => key),
        answers.map(({ fingerprint }) => fingerprint),
        answers.map(({ outcome }) => JSON.stringify(outcome)),
      ],
    },
  ];
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
