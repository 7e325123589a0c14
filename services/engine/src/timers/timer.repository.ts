import type { Statement } from '@handover/database';
import { sql, type Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { withEveryTenant } from '../every-tenant.js';

/** When a process has to be looked at next; `dueAt` is undefined when it waits for no time. */
export interface Appointment {
  readonly process: string;
  /** ISO 8601. */
  readonly dueAt: string | undefined;
  /** Only time brought it here, and it is due at once again. */
  readonly isRestless: boolean;
}

/** A process whose time has come. */
export interface DueTimer {
  readonly tenant: string;
  readonly process: string;
  /** ISO 8601. */
  readonly dueAt: string;
  /** How many appointments in a row were restless, this one included. */
  readonly restless: number;
}

/** Makes, moves and cancels appointments; whatever claim there was is over. */
export function setTimers(tenant: string, appointments: readonly Appointment[]): Statement[] {
  const cancelled = appointments.filter(({ dueAt }) => dueAt === undefined).map(({ process }) => process);
  const made = appointments.filter(({ dueAt }) => dueAt !== undefined);
  const statements: Statement[] = [];
  if (cancelled.length > 0) {
    statements.push({
      name: 'delete_timers',
      sql: 'delete from timers where tenant = $1 and process = any($2::uuid[])',
      parameters: [tenant, cancelled],
    });
  }
  if (made.length > 0) {
    statements.push({
      name: 'set_timers',
      sql: `
        insert into timers (tenant, process, due_at, restless)
        select $1, made.* from unnest($2::uuid[], $3::timestamptz[], $4::int[]) as made
        on conflict (tenant, process) do update
          set due_at = excluded.due_at, claimed_until = null, restless = excluded.restless * (timers.restless + 1)`,
      parameters: [
        tenant,
        made.map(({ process }) => process),
        made.map(({ dueAt }) => dueAt),
        made.map(({ isRestless }) => Number(isRestless)),
      ],
    });
  }
  return statements;
}

/** Takes up to `limit` timers that are due, the longest overdue first, for `leaseMs`. Replicas pass over each other's. */
export function claimDueTimers(db: Kysely<EngineSchema>, limit: number, leaseMs: number): Promise<DueTimer[]> {
  return withEveryTenant(db, async (tx) => {
    // A claim that is lost in a crash of Postgres only has the timer looked at once more, in vain.
    await sql`set local synchronous_commit = off`.execute(tx);
    const claimed = await sql<{ tenant: string; process: string; due_at: string; restless: number }>`
      update timers set claimed_until = now() + ${leaseMs} * interval '1 millisecond'
      where (tenant, process) in (
        select tenant, process from timers
        where due_at <= now() and (claimed_until is null or claimed_until < now())
        order by due_at limit ${limit}
        for update skip locked
      )
      returning tenant, process, due_at, restless
    `.execute(tx);
    return claimed.rows.map(({ due_at, ...due }) => ({ ...due, dueAt: due_at }));
  });
}
