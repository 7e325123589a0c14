import type { Statement } from '@handover/database';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import { withEveryTenant } from '../every-tenant.js';
import type { Delayed, Waiting } from './notification.js';

type Tx = Transaction<EngineSchema>;

/** A notification whose time has come. */
export interface DueNotification {
  readonly tenant: string;
  readonly process: string;
  readonly id: string;
  /** ISO 8601. */
  readonly dueAt: string;
}

/** Drops what waits for states that were left, and keeps what waits for those entered instead. */
export function replaceDelayed(
  tenant: string,
  processes: readonly { readonly id: string; readonly delayed: readonly Delayed[] }[],
): Statement[] {
  if (processes.length === 0) return [];
  const ids = processes.map(({ id }) => id);
  const dropped: Statement = {
    name: 'drop_delayed',
    sql: 'delete from delayed_notifications where tenant = $1 and process = any($2::uuid[])',
    parameters: [tenant, ids],
  };
  const rows = processes.flatMap(({ id, delayed }) => delayed.map((each) => ({ process: id, ...each })));
  if (rows.length === 0) return [dropped];
  const kept: Statement = {
    name: 'keep_delayed',
    sql: `
      insert into delayed_notifications (tenant, id, process, due_at, notification)
      select $1, kept.* from unnest($2::text[], $3::uuid[], $4::timestamptz[], $5::json[]) as kept`,
    parameters: [
      tenant,
      rows.map(({ notification }) => notification.id),
      rows.map(({ process }) => process),
      rows.map(({ dueAt }) => dueAt),
      rows.map(({ notification }) => JSON.stringify(notification)),
    ],
  };
  return [dropped, kept];
}

/** Takes up to `limit` of them that are due, the longest overdue first, for `leaseMs`. Replicas pass over each other's. */
export function claimDueNotifications(
  db: Kysely<EngineSchema>,
  limit: number,
  leaseMs: number,
): Promise<DueNotification[]> {
  return withEveryTenant(db, async (tx) => {
    const claimed = await sql<DueNotification>`
      update delayed_notifications set claimed_until = now() + ${leaseMs} * interval '1 millisecond'
      where (tenant, id) in (
        select tenant, id from delayed_notifications
        where due_at <= now() and (claimed_until is null or claimed_until < now())
        order by due_at limit ${limit}
        for update skip locked
      )
      returning tenant, process, id, due_at as "dueAt"
    `.execute(tx);
    return claimed.rows;
  });
}

/** Takes a notification out for good. @returns undefined when it was dropped: its state was left */
export async function takeDelayed(tx: Tx, id: string): Promise<Waiting | undefined> {
  const row = await tx
    .deleteFrom('delayed_notifications')
    .where('id', '=', id)
    .returning('notification')
    .executeTakeFirst();
  return row?.notification;
}
