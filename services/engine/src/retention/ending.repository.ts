import type { Statement } from '@handover/database';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import { withEveryTenant } from '../every-tenant.js';

type Tx = Transaction<EngineSchema>;

/** A process that has ended, and the tenant whose it is. */
export interface Ended {
  readonly tenant: string;
  readonly process: string;
}

/** Notes that processes have ended, in the transaction of their last step. */
export function noteEndings(
  tenant: string,
  ended: readonly { readonly id: string; readonly endedAt: string }[],
): Statement[] {
  if (ended.length === 0) return [];
  return [
    {
      name: 'note_endings',
      sql: `
        insert into endings (tenant, process, ended_at)
        select $1, ended.* from unnest($2::uuid[], $3::timestamptz[]) as ended
        on conflict do nothing`,
      parameters: [tenant, ended.map(({ id }) => id), ended.map(({ endedAt }) => endedAt)],
    },
  ];
}

/**
 * Takes up to `limit` processes that ended more than `seconds` ago, the oldest first, for `leaseMs`. Replicas pass over each
 * other's.
 * @param stages whether those in the archive count, those that are not, or both
 */
export function claimEnded(
  db: Kysely<EngineSchema>,
  stages: readonly boolean[],
  seconds: number,
  limit: number,
  leaseMs: number,
): Promise<Ended[]> {
  return withEveryTenant(db, async (tx) => {
    const claimed = await sql<Ended>`
      update endings set claimed_until = now() + ${leaseMs} * interval '1 millisecond'
      where (tenant, process) in (
        select tenant, process from endings
        where archived = any (${stages}::boolean[]) and ended_at < now() - ${seconds} * interval '1 second'
          and (claimed_until is null or claimed_until < now())
        order by ended_at limit ${limit}
        for update skip locked
      )
      returning tenant, process
    `.execute(tx);
    return claimed.rows;
  });
}

/** Locks the rows of processes, so that nothing happens to them; returns those that are there and have ended. */
export async function lockEnded(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const rows = await tx
    .selectFrom('processes')
    .select('id')
    .where('id', 'in', ids)
    .where('running', '=', false)
    .orderBy('id')
    .forUpdate()
    .execute();
  return rows.map(({ id }) => id);
}

/** Takes processes out of the tables of those that are worked with, with all that hangs on them. */
export async function removeProcesses(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.deleteFrom('events').where('process', 'in', ids).execute();
  await tx.deleteFrom('process_terms').where('process', 'in', ids).execute();
  await tx.deleteFrom('processes').where('id', 'in', ids).execute();
}

export async function removeArchived(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.deleteFrom('archived_processes').where('id', 'in', ids).execute();
}

/** The processes are in the archive now. */
export async function markArchived(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.updateTable('endings').set({ archived: true, claimed_until: null }).where('process', 'in', ids).execute();
}

/** Nothing is left of the processes. */
export async function forgetEndings(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.deleteFrom('endings').where('process', 'in', ids).execute();
}
