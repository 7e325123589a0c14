import type { Incident } from '@handover/contracts';
import { sql, type Transaction } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { EngineSchema } from '../database.js';

type Tx = Transaction<EngineSchema>;

export interface Failure {
  /** Code of the error catalogue or of the process's semantics. */
  readonly code: string;
  readonly message: string;
}

/**
 * Opens an incident on a process that is still in the version the failure happened in; it then waits for no time.
 * @returns its id; undefined when the process moved on meanwhile or has an incident already
 */
export async function openIncident(
  tx: Tx,
  tenant: string,
  process: { readonly id: string; readonly etag: string },
  failure: Failure,
): Promise<string | undefined> {
  const held = await tx
    .updateTable('processes')
    .set({ incident: true })
    .where('id', '=', process.id)
    .where('etag', '=', process.etag)
    .executeTakeFirst();
  if (held.numUpdatedRows === 0n) return undefined;
  await tx.deleteFrom('timers').where('process', '=', process.id).execute();
  const id = randomUUID();
  const opened = await tx
    .insertInto('incidents')
    .values({ tenant, id, process: process.id, etag: process.etag, ...failure })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return opened.numInsertedOrUpdatedRows === 1n ? id : undefined;
}

/** Closes the open incidents of processes that moved on. */
export async function closeIncidents(tx: Tx, processes: readonly string[]): Promise<void> {
  if (processes.length === 0) return;
  await tx
    .updateTable('incidents')
    .set({ closed_at: sql<string>`now()` })
    .where('process', 'in', processes)
    .where('closed_at', 'is', null)
    .execute();
}

const MOST_LISTED = 100;

/** Open incidents, the newest first, at most a hundred. */
export async function listIncidents(tx: Tx, process: string | undefined): Promise<Incident[]> {
  const rows = await tx
    .selectFrom('incidents')
    .select(['id', 'process', 'code', 'message', 'etag', 'opened_at as openedAt'])
    .where('closed_at', 'is', null)
    .$if(process !== undefined, (query) => query.where('process', '=', process ?? ''))
    .orderBy('opened_at', 'desc')
    .orderBy('id')
    .limit(MOST_LISTED)
    .execute();
  return rows;
}

/** Id of the process an open incident is about. */
export async function processOfIncident(tx: Tx, id: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('incidents')
    .select('process')
    .where('id', '=', id)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  return row?.process;
}
