import { sql, type Kysely, type Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import { withEveryTenant } from '../every-tenant.js';

/** When a process has to be looked at next; `dueAt` is undefined when it waits for no time. */
export interface Appointment {
  readonly process: string;
  /** ISO 8601. */
  readonly dueAt: string | undefined;
}

/** A process whose time has come. */
export interface DueTimer {
  readonly tenant: string;
  readonly process: string;
  /** ISO 8601. */
  readonly dueAt: string;
}

/** Makes, moves and cancels appointments; whatever claim there was is over. */
export async function setTimers(
  tx: Transaction<EngineSchema>,
  tenant: string,
  appointments: readonly Appointment[],
): Promise<void> {
  const cancelled = appointments.filter(({ dueAt }) => dueAt === undefined).map(({ process }) => process);
  if (cancelled.length > 0) await tx.deleteFrom('timers').where('process', 'in', cancelled).execute();
  const made = appointments.flatMap(({ process, dueAt }) =>
    dueAt === undefined ? [] : [{ tenant, process, due_at: dueAt }],
  );
  if (made.length === 0) return;
  await tx
    .insertInto('timers')
    .values(made)
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'process'])
        .doUpdateSet({ due_at: (eb) => eb.ref('excluded.due_at'), claimed_until: null }),
    )
    .execute();
}

/** Takes up to `limit` timers that are due, the longest overdue first, for `leaseMs`. Replicas pass over each other's. */
export function claimDueTimers(db: Kysely<EngineSchema>, limit: number, leaseMs: number): Promise<DueTimer[]> {
  return withEveryTenant(db, async (tx) => {
    const claimed = await sql<{ tenant: string; process: string; due_at: string }>`
      update timers set claimed_until = now() + ${leaseMs} * interval '1 millisecond'
      where (tenant, process) in (
        select tenant, process from timers
        where due_at <= now() and (claimed_until is null or claimed_until < now())
        order by due_at limit ${limit}
        for update skip locked
      )
      returning tenant, process, due_at
    `.execute(tx);
    return claimed.rows.map(({ tenant, process, due_at }) => ({ tenant, process, dueAt: due_at }));
  });
}
