import {
  NOTIFICATIONS_QUEUE,
  eventSchema,
  eventTopic,
  notificationSchema,
  type HandoverEvent,
  type Notification,
} from '@handover/contracts';
import { documentColumn, documentsIn, plainColumn, type Statement } from '@handover/database';
import { sql, type Kysely, type Transaction } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { EngineSchema } from '../database.js';
import { isUuid } from '../id.js';
import { withEveryTenant } from '../every-tenant.js';

/** What waits to leave: an announcement under its topic, or a notification for the notifier. */
export type Outgoing =
  /** `text` is the event as JSON: it is written and sent, and made once. */
  | { readonly kind: 'event'; readonly topic: string; readonly event: HandoverEvent; readonly text: string }
  | { readonly kind: 'notification'; readonly notification: Notification };

export interface OutboxEntry {
  readonly seq: number;
  readonly process: string;
  readonly outgoing: Outgoing;
  /** Times it was claimed, this one included. */
  readonly attempts: number;
}

/** Advisory lock of the claim; any number, the same in every replica. */
const CLAIM_LOCK = 72_616_001;

/** Adds what is to leave to the transaction that makes it true, for whichever relay comes first. */
export async function appendToOutbox(
  tx: Transaction<EngineSchema>,
  events: readonly HandoverEvent[],
  notifications: readonly Notification[] = [],
): Promise<void> {
  const rows = [...events.map(announcement), ...notifications.map(notice)].map(rowOf);
  if (rows.length > 0) await tx.insertInto('outbox').values(rows).execute();
}

export const announcement = (event: HandoverEvent): Outgoing => ({
  kind: 'event',
  topic: eventTopic(event),
  event,
  text: JSON.stringify(event),
});
export const notice = (notification: Notification): Outgoing => ({ kind: 'notification', notification });

function rowOf(outgoing: Outgoing) {
  if (outgoing.kind === 'event') {
    const { topic, event, text } = outgoing;
    // Announcements of one subject leave in order; what has no UUID has no successors.
    const process = isUuid(event.subject) ? event.subject : randomUUID();
    return { tenant: event.tenantid, process, topic, event: text };
  }
  // The name of a queue has two words, a topic has four: they are told apart by it.
  const { tenant, process } = outgoing.notification;
  return { tenant, process, topic: NOTIFICATIONS_QUEUE, event: JSON.stringify(outgoing.notification) };
}

/** The relay that takes the announcements as they are made, and for how long; undefined when it takes none. */
export interface Claim {
  readonly relay: string;
  readonly leaseMs: number | undefined;
}

/** What {@link announceAndTake} returns for each announcement, in their order. */
interface Taken {
  readonly seq: number;
  readonly taken: boolean;
}

/**
 * Adds one tenant's announcements, taken by a relay already, so that it need not ask for them. Those of a
 * process that has earlier ones elsewhere, or in the care of nobody, are left to be claimed in their turn.
 * @param carried processes that nobody else announced anything of with a change: another relay has taken nothing of theirs
 */
export function announceAndTake(
  tenant: string,
  outgoing: readonly Outgoing[],
  { relay, leaseMs }: Claim,
  carried: ReadonlySet<string> = new Set(),
): Statement[] {
  if (outgoing.length === 0) return [];
  const rows = outgoing.map(rowOf);
  return [
    {
      name: 'announce_and_take',
      sql: `
        insert into outbox (tenant, process, topic, event, attempts, claimed_until, claimed_by)
        select $1, made.process, made.topic, made.event::json, made.free::int,
          case when made.free then now() + $6::int * interval '1 millisecond' end, case when made.free then $5::uuid end
        from (
          select announced.*, $6::int is not null and not exists (
            select from outbox earlier where earlier.process = announced.process and earlier.claimed_by is null
          ) and (announced.carried or not exists (
            select from outbox earlier where earlier.process = announced.process and earlier.claimed_by <> $5::uuid
          )) as free
          from unnest($2::uuid[], $3::text[], ${documentsIn('$4')}, $7::boolean[])
            with ordinality as announced (process, topic, event, carried, position)
        ) made
        order by made.position
        returning seq, claimed_by is not null as taken`,
      parameters: [
        tenant,
        plainColumn(rows.map(({ process }) => process)),
        plainColumn(rows.map(({ topic }) => topic)),
        documentColumn(rows.map(({ event }) => event)),
        relay,
        leaseMs ?? null,
        plainColumn(rows.map(({ process }) => carried.has(process))),
      ],
    },
  ];
}

/** What became of announcements. */
export interface Announced {
  /** Those that are the relay's own, as it asked for. */
  readonly taken: readonly OutboxEntry[];
  /** Processes of which some were left for whichever relay comes first. */
  readonly left: ReadonlySet<string>;
}

/** Reads what {@link announceAndTake} returned. */
export function announcedOf(outgoing: readonly Outgoing[], returned: readonly unknown[]): Announced {
  const taken: OutboxEntry[] = [];
  const left = new Set<string>();
  for (const [i, row] of (returned as readonly Taken[]).entries()) {
    const sent = outgoing[i];
    if (!sent) continue;
    const process = sent.kind === 'event' ? sent.event.subject : sent.notification.process;
    if (row.taken) taken.push({ seq: row.seq, process, outgoing: sent, attempts: 1 });
    else left.add(process);
  }
  return { taken, left };
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
      update outbox set claimed_until = now() + ${leaseMs} * interval '1 millisecond', claimed_by = null, attempts = attempts + 1
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
      .map(({ seq, process, topic, event, attempts }) => ({ seq, process, attempts, outgoing: read(topic, event) }))
      .sort((one, other) => one.seq - other.seq);
  });
}

function read(topic: string, document: unknown): Outgoing {
  if (topic !== NOTIFICATIONS_QUEUE) {
    const event = eventSchema.parse(document);
    return { kind: 'event', topic, event, text: JSON.stringify(event) };
  }
  return { kind: 'notification', notification: notificationSchema.parse(document) };
}

/**
 * Removes what has been handed over. Not waited for on disk: what a crash brings back is announced again, as it may be.
 */
export function removeFromOutbox(seqs: readonly number[]): Statement[] {
  return [
    { name: 'lazily', sql: `select set_config('synchronous_commit', 'off', true)`, parameters: [] },
    { name: 'remove_from_outbox', sql: 'delete from outbox where seq = any($1::bigint[])', parameters: [seqs] },
  ];
}

/** When the event that waits longest was made; milliseconds since 1970, undefined when none waits. */
export function oldestInOutbox(db: Kysely<EngineSchema>): Promise<number | undefined> {
  return withEveryTenant(db, async (tx) => {
    const oldest = await tx
      .selectFrom('outbox')
      .select(sql<string>`event ->> 'time'`.as('time'))
      .where('topic', '<>', NOTIFICATIONS_QUEUE)
      .orderBy('seq')
      .limit(1)
      .executeTakeFirst();
    return oldest && Date.parse(oldest.time);
  });
}

/**
 * Gives entries back, to be claimed by any relay after `delayMs`. Those that another relay has claimed meanwhile stay as they are:
 * a relay that was stalled for longer than its lease must not shorten another's.
 */
export function returnToOutbox(
  db: Kysely<EngineSchema>,
  entries: readonly Pick<OutboxEntry, 'seq' | 'attempts'>[],
  delayMs: number,
): Promise<void> {
  return withEveryTenant(db, async (tx) => {
    await sql`
      update outbox set claimed_until = now() + ${delayMs} * interval '1 millisecond', claimed_by = null
      from unnest(${entries.map(({ seq }) => seq)}::bigint[], ${entries.map(({ attempts }) => attempts)}::int[]) as held (seq, attempts)
      where outbox.seq = held.seq and outbox.attempts = held.attempts
    `.execute(tx);
  });
}
