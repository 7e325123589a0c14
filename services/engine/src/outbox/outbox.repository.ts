import type { EventType, HandoverEvent } from '@handover/contracts';
import { eventSchema, eventTopic } from '@handover/contracts';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import { withEveryTenant } from '../every-tenant.js';

/** An announcement that waits to leave. */
export interface OutboxEntry {
  readonly seq: number;
  readonly process: string;
  readonly topic: string;
  readonly event: HandoverEvent & { readonly type: EventType };
  /** Times it was claimed, this one included. */
  readonly attempts: number;
}

/** Advisory lock of the claim; any number, the same in every replica. */
const CLAIM_LOCK = 72_616_001;

/** Adds announcements to the transaction that makes them true. */
export async function appendToOutbox(tx: Transaction<EngineSchema>, events: readonly HandoverEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event) => ({
    tenant: event.tenantid,
    process: event.subject,
    topic: eventTopic(event),
    event: JSON.stringify(event),
  }));
  await tx.insertInto('outbox').values(rows).execute();
}

/**
 * Takes up to `limit` entries for `leaseMs`, oldest first. An entry is passed over while an earlier one of its process is
 * taken or waits for its retry, so that one process's announcements leave in order. Claiming is by state, never by a
 * position in the sequence: numbers are drawn before commit, and a late commit must not be skipped.
 */
export function claimFromOutbox(db: Kysely<EngineSchema>, limit: number, leaseMs: number): Promise<OutboxEntry[]> {
  return withEveryTenant(db, async (tx) => {
    // Claims take turns: a row another relay is about to claim still looks free, and its successor must not overtake it.
    await sql`select pg_advisory_xact_lock(${CLAIM_LOCK})`.execute(tx);
    const claimed = await sql<{ seq: number; process: string; topic: string; event: unknown; attempts: number }>`
      update outbox set claimed_until = now() + ${leaseMs} * interval '1 millisecond', attempts = attempts + 1
      where seq in (
        select seq from outbox waiting
        where (claimed_until is null or claimed_until < now())
          and not exists (
            select from outbox earlier
            where earlier.process = waiting.process and earlier.seq < waiting.seq and earlier.claimed_until >= now()
          )
        order by seq limit ${limit}
        for update skip locked
      )
      returning seq, process, topic, event, attempts
    `.execute(tx);
    return claimed.rows
      .map((row) => ({ ...row, event: eventSchema.parse(row.event) }))
      .sort((one, other) => one.seq - other.seq);
  });
}

/** Removes what has been handed over. */
export function removeFromOutbox(db: Kysely<EngineSchema>, seqs: readonly number[]): Promise<void> {
  return withEveryTenant(db, async (tx) => {
    await tx.deleteFrom('outbox').where('seq', 'in', seqs).execute();
  });
}

/** Gives entries back, to be claimed again after `delayMs`. */
export function returnToOutbox(db: Kysely<EngineSchema>, seqs: readonly number[], delayMs: number): Promise<void> {
  return withEveryTenant(db, async (tx) => {
    await sql`
      update outbox set claimed_until = now() + ${delayMs} * interval '1 millisecond' where seq = any(${seqs})
    `.execute(tx);
  });
}
