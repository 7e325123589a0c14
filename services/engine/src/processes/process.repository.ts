import type { LogChange, ProcessEvent, ProcessSnapshot } from '@handover/process';
import { sql, type Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';

type Tx = Transaction<EngineSchema>;

/** A process's row: everything but its history. */
export interface ProcessRow {
  readonly id: string;
  readonly scenario: string;
  /** Number of events; the optimistic lock. */
  readonly version: number;
  readonly etag: string;
  readonly state: string;
  readonly running: boolean;
  readonly snapshot: ProcessSnapshot;
  /** ISO 8601, as are all instants here. */
  readonly created_at: string;
  readonly updated_at: string;
}

/** An event, with what it did to the log. */
export interface EventRow {
  readonly process: string;
  /** Counted from 0. */
  readonly index: number;
  readonly event: ProcessEvent;
  readonly log: LogChange;
}

/** Rows of the processes that exist among `ids`, in no particular order. */
export function findProcesses(tx: Tx, ids: readonly string[]): Promise<ProcessRow[]> {
  return tx
    .selectFrom('processes')
    .select(['id', 'scenario', 'version', 'etag', 'state', 'running', 'snapshot', 'created_at', 'updated_at'])
    .where('id', 'in', ids)
    .execute();
}

/** The history of the processes, each in its order. */
export function findEvents(tx: Tx, processes: readonly string[]): Promise<EventRow[]> {
  return tx
    .selectFrom('events')
    .select(['process', 'index', 'event', 'log'])
    .where('process', 'in', processes)
    .orderBy('process')
    .orderBy('index')
    .execute();
}

/** Some of a process's events, in their order, from an index on. */
export async function findEventPage(tx: Tx, process: string, from: number, limit: number): Promise<ProcessEvent[]> {
  const rows = await tx
    .selectFrom('events')
    .select('event')
    .where('process', '=', process)
    .where('index', '>=', from)
    .orderBy('index')
    .limit(limit)
    .execute();
  return rows.map(({ event }) => event);
}

export async function insertProcesses(tx: Tx, tenant: string, rows: readonly ProcessRow[]): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map((row) => ({ ...row, tenant, snapshot: JSON.stringify(row.snapshot) }));
  await tx.insertInto('processes').values(values).execute();
}

export interface ProcessUpdate {
  /** Version the change was decided on. */
  readonly expected: number;
  /** It went on: more happened than that an action was refused. */
  readonly moved: boolean;
  readonly row: ProcessRow;
}

/**
 * Writes the rows whose version is still the expected one.
 * @returns ids of the rows that were written; the others were changed by somebody else meanwhile
 */
export async function updateProcesses(tx: Tx, updates: readonly ProcessUpdate[]): Promise<Set<string>> {
  if (updates.length === 0) return new Set();
  // Rows are locked in one order everywhere, so that two batches do not wait for each other.
  const sorted = [...updates].sort((one, other) => (one.row.id < other.row.id ? -1 : 1));
  const column = <T>(pick: (update: ProcessUpdate) => T): T[] => sorted.map(pick);
  const updated = await sql<{ id: string }>`
    update processes set
      scenario = change.scenario, version = change.version, etag = change.etag, state = change.state,
      running = change.running, snapshot = change.snapshot, updated_at = change.updated_at,
      incident = processes.incident and not change.moved
    from unnest(
      ${column(({ row }) => row.id)}::uuid[],
      ${column(({ expected }) => expected)}::int[],
      ${column(({ row }) => row.scenario)}::uuid[],
      ${column(({ row }) => row.version)}::int[],
      ${column(({ row }) => row.etag)}::text[],
      ${column(({ row }) => row.state)}::text[],
      ${column(({ row }) => row.running)}::boolean[],
      ${column(({ row }) => JSON.stringify(row.snapshot))}::json[],
      ${column(({ row }) => row.updated_at)}::timestamptz[],
      ${column(({ moved }) => moved)}::boolean[]
    ) as change (id, expected, scenario, version, etag, state, running, snapshot, updated_at, moved)
    where processes.id = change.id and processes.version = change.expected
    returning processes.id
  `.execute(tx);
  return new Set(updated.rows.map(({ id }) => id));
}

export async function insertEvents(tx: Tx, tenant: string, rows: readonly EventRow[]): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map((row) => ({
    tenant,
    process: row.process,
    index: row.index,
    event: JSON.stringify(row.event),
    log: JSON.stringify(row.log),
  }));
  await tx.insertInto('events').values(values).execute();
}
