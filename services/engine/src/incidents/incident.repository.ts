import type { Incident } from '@handover/contracts';
import type { Statement } from '@handover/database';
import { sql, type Transaction } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { EngineSchema, HeldReply } from '../database.js';

type Tx = Transaction<EngineSchema>;

export interface Failure {
  /** Code of the error catalogue or of the process's semantics. */
  readonly code: string;
  readonly message: string;
}

/**
 * Opens an incident on a process that is still in the version the failure happened in; it then waits for no time.
 * @param reply kept with it, where one failed
 * @returns its id; undefined when the process moved on meanwhile or has an incident already
 */
export async function openIncident(
  tx: Tx,
  tenant: string,
  process: { readonly id: string; readonly etag: string },
  failure: Failure,
  reply?: HeldReply,
): Promise<string | undefined> {
  const found = await tx
    .selectFrom('processes')
    .select('incident')
    .where('id', '=', process.id)
    .where('etag', '=', process.etag)
    .forUpdate()
    .executeTakeFirst();
  if (!found) return undefined;
  await tx.updateTable('processes').set({ incident: true }).where('id', '=', process.id).execute();
  await tx.deleteFrom('timers').where('process', '=', process.id).execute();
  // It moved on since, and that was not written with the move.
  if (!found.incident) await closeOpenOnes(tx, process.id);
  const id = randomUUID();
  const opened = await tx
    .insertInto('incidents')
    .values({ tenant, id, process: process.id, etag: process.etag, ...failure, reply: reply && JSON.stringify(reply) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return opened.numInsertedOrUpdatedRows === 1n ? id : undefined;
}

/** Closes whatever is open of a process. */
export async function closeOpenOnes(tx: Tx, process: string): Promise<void> {
  await tx
    .updateTable('incidents')
    .set({ closed_at: sql<string>`now()` })
    .where('process', '=', process)
    .where('closed_at', 'is', null)
    .execute();
}

/** Closes one incident. */
export async function closeIncident(tx: Tx, id: string): Promise<void> {
  await tx
    .updateTable('incidents')
    .set({ closed_at: sql<string>`now()` })
    .where('id', '=', id)
    .execute();
}

/** The reply that a process's open incident is about, if it is about one. */
export async function replyInIncident(
  tx: Tx,
  process: string,
): Promise<{ readonly incident: string; readonly reply: HeldReply } | undefined> {
  const row = await openOnes(tx, { process }).select(['id', 'reply']).executeTakeFirst();
  return row?.reply ? { incident: row.id, reply: row.reply } : undefined;
}

/** Closes the open incidents of processes that moved on. */
export function closeIncidents(tenant: string, processes: readonly string[]): Statement[] {
  if (processes.length === 0) return [];
  return [
    {
      name: 'close_incidents',
      sql: `
        update incidents set closed_at = now()
        where tenant = $1 and process = any($2::uuid[]) and closed_at is null`,
      parameters: [tenant, processes],
    },
  ];
}

/** Which open incidents; what is absent does not matter. */
export interface IncidentFilter {
  readonly process?: string | undefined;
  readonly code?: string | undefined;
}

/** An incident ends with the move of its process, whether or not that closed it. */
function openOnes(tx: Tx, { process, code }: IncidentFilter) {
  return tx
    .selectFrom('incidents')
    .where('closed_at', 'is', null)
    .where(sql<boolean>`exists (select from processes held where held.id = incidents.process and held.incident)`)
    .$if(process !== undefined, (query) => query.where('process', '=', process ?? ''))
    .$if(code !== undefined, (query) => query.where('code', '=', code ?? ''));
}

/** Open incidents, the newest first. @param before id of the incident after which the page begins */
export function listIncidents(
  tx: Tx,
  filter: IncidentFilter,
  limit: number,
  before: string | undefined,
): Promise<Incident[]> {
  return openOnes(tx, filter)
    .select(['id', 'process', 'code', 'message', 'etag', 'opened_at as openedAt'])
    .$if(before !== undefined, (query) =>
      query.where(
        sql<boolean>`(opened_at, id) < (select place.opened_at, place.id from incidents place where place.id = ${before})`,
      ),
    )
    .orderBy('opened_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

export interface OpenIncident {
  readonly id: string;
  readonly process: string;
}

/** The incidents that have been open longest. */
export function oldestIncidents(tx: Tx, filter: IncidentFilter, limit: number): Promise<OpenIncident[]> {
  return openOnes(tx, filter).select(['id', 'process']).orderBy('opened_at').orderBy('id').limit(limit).execute();
}

export async function countIncidents(tx: Tx, filter: IncidentFilter): Promise<number> {
  const counted = await openOnes(tx, filter)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirst();
  return counted?.count ?? 0;
}

/** What an incident is about, while it is open. */
export function failureOf(tx: Tx, id: string): Promise<Failure | undefined> {
  return openOnes(tx, {}).select(['code', 'message']).where('id', '=', id).executeTakeFirst();
}

/** Id of the process an open incident is about. */
export async function processOfIncident(tx: Tx, id: string): Promise<string | undefined> {
  const row = await openOnes(tx, {}).select('process').where('id', '=', id).executeTakeFirst();
  return row?.process;
}
