import type { PostedCommand, Principal } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { EngineSchema, StoredOutcome } from '../database.js';
import { withEveryTenant } from '../every-tenant.js';

export type CommandRow = Selectable<EngineSchema['commands']>;

/** A command to be noted. */
export interface NewCommand {
  readonly id: string;
  readonly type: PostedCommand;
  readonly subject: string | undefined;
  readonly owner: string;
  readonly principal: Principal;
  readonly body: unknown;
  readonly key: string | undefined;
  readonly fingerprint: string;
  readonly requestId: string | undefined;
  readonly traceparent: string | undefined;
}

/** Notes a command; returns it, or undefined when its idempotency key is taken. */
export function insertCommand(
  tx: Transaction<EngineSchema>,
  tenant: string,
  { key, requestId, principal, body, ...command }: NewCommand,
): Promise<CommandRow | undefined> {
  return tx
    .insertInto('commands')
    .values({
      ...command,
      tenant,
      principal: JSON.stringify(principal),
      body: JSON.stringify(body),
      idempotency_key: key ?? null,
      request_id: requestId ?? null,
    })
    .onConflict((conflict) => conflict.constraint('commands_key').doNothing())
    .returningAll()
    .executeTakeFirst();
}

export function findCommand(tx: Transaction<EngineSchema>, id: string): Promise<CommandRow | undefined> {
  return tx.selectFrom('commands').selectAll().where('id', '=', id).executeTakeFirst();
}

export function findCommandByKey(tx: Transaction<EngineSchema>, key: string): Promise<CommandRow | undefined> {
  return tx.selectFrom('commands').selectAll().where('idempotency_key', '=', key).executeTakeFirst();
}

/**
 * Takes up to `limit` commands for `leaseMs`, the oldest first, and of one subject only the first that is not finished.
 * Replicas pass over each other's.
 */
export function claimCommands(db: Kysely<EngineSchema>, limit: number, leaseMs: number): Promise<CommandRow[]> {
  return withEveryTenant(db, async (tx) => {
    const claimed = await sql<CommandRow>`
      update commands set due_at = now() + ${leaseMs} * interval '1 millisecond', attempts = attempts + 1
      where (tenant, id) in (
        select tenant, id from commands waiting
        where finished_at is null and due_at <= now()
          and not exists (
            select from commands earlier
            where earlier.tenant = waiting.tenant and earlier.subject = waiting.subject
              and earlier.seq < waiting.seq and earlier.finished_at is null
          )
        order by seq limit ${limit}
        for update skip locked
      )
      returning *
    `.execute(tx);
    return claimed.rows;
  });
}

type Named = Pick<CommandRow, 'tenant' | 'id'>;

/** Notes what came of a command, for good: the first outcome stands. */
export async function finishCommand(
  db: Kysely<EngineSchema>,
  { tenant, id }: Named,
  outcome: StoredOutcome,
): Promise<void> {
  await withTenant(db, tenant, (tx) =>
    tx
      .updateTable('commands')
      .set({ outcome: JSON.stringify(outcome), finished_at: sql<string>`now()` })
      .where('id', '=', id)
      .where('finished_at', 'is', null)
      .execute(),
  );
}

/** Gives a command back, to be tried again by whoever comes first. */
export async function postponeCommand(db: Kysely<EngineSchema>, { tenant, id }: Named, delayMs: number): Promise<void> {
  await withTenant(db, tenant, (tx) =>
    tx
      .updateTable('commands')
      .set({ due_at: sql<string>`now() + ${delayMs} * interval '1 millisecond'` })
      .where('id', '=', id)
      .where('finished_at', 'is', null)
      .execute(),
  );
}

/** Forgets commands that were finished more than `hours` ago, of all tenants, at most `limit`; returns how many. */
export function forgetCommands(db: Kysely<EngineSchema>, hours: number, limit: number): Promise<number> {
  return withEveryTenant(db, async (tx) => {
    const forgotten = await sql`
      delete from commands where (tenant, id) in (
        select tenant, id from commands where finished_at < now() - ${hours} * interval '1 hour' limit ${limit}
      )
    `.execute(tx);
    return Number(forgotten.numAffectedRows ?? 0n);
  });
}
