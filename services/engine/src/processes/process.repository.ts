import { documentColumn, documentsIn, plainColumn, type Statement } from '@handover/database';
import type { LogChange, ProcessEvent, ProcessSnapshot } from '@handover/process';
import type { Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';

type Tx = Transaction<EngineSchema>;

/** A process's row: everything but its history. */
export interface ProcessRow {
  readonly id: string;
  readonly scenario: string;
  /** Number of events; the optimistic lock. */
  readonly version: number;
  /** How often it was made anew from its events: the other half of the lock, for a repair leaves the version as it is. */
  readonly repairs: number;
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

/**
 * Rows of the processes that exist among `ids`.
 * @param forWriting nobody else changes them until the end of the transaction
 */
export function findProcesses(tx: Tx, ids: readonly string[], forWriting = false): Promise<ProcessRow[]> {
  return (
    tx
      .selectFrom('processes')
      .select([
        'id',
        'scenario',
        'version',
        'repairs',
        'etag',
        'state',
        'running',
        'snapshot',
        'created_at',
        'updated_at',
      ])
      .where('id', 'in', ids)
      // Rows are locked in one order everywhere, so that two batches do not wait for each other.
      .$if(forWriting, (query) => query.orderBy('id').forNoKeyUpdate())
      .execute()
  );
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

/** A process's row as it is written: the snapshot as JSON. */
export interface ProcessRecord extends Omit<ProcessRow, 'snapshot'> {
  readonly snapshot: string;
}

export function insertProcesses(tenant: string, rows: readonly ProcessRecord[]): Statement[] {
  if (rows.length === 0) return [];
  const column = columnsOf(rows);
  return [
    {
      name: 'insert_processes',
      sql: `
        insert into processes (tenant, id, scenario, version, etag, state, running, snapshot, created_at, updated_at)
        select $1, added.id, scenario, version, etag, state, running, snapshot::json, created_at, updated_at
        from unnest(
          $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::boolean[], ${documentsIn('$8')}, $9::timestamptz[],
          $10::timestamptz[]
        ) as added (id, scenario, version, etag, state, running, snapshot, created_at, updated_at)`,
      parameters: [
        tenant,
        plainColumn(column(({ id }) => id)),
        plainColumn(column(({ scenario }) => scenario)),
        plainColumn(column(({ version }) => version)),
        column(({ etag }) => etag),
        column(({ state }) => state),
        plainColumn(column(({ running }) => running)),
        documentColumn(column(({ snapshot }) => snapshot)),
        plainColumn(column(({ created_at }) => created_at)),
        plainColumn(column(({ updated_at }) => updated_at)),
      ],
    },
  ];
}

export interface ProcessUpdate {
  /** Version the change was decided on. */
  readonly expected: number;
  /** It went on: more happened than that an action was refused. */
  readonly moved: boolean;
  readonly row: ProcessRecord;
}

/** SQLSTATE of a division by zero: how {@link updateProcesses} ends a transaction. */
const VERSION_CHANGED = '22012';

/** Whether a transaction failed because a process is not in the version any more that its change was decided on. */
export function isVersionConflict(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === VERSION_CHANGED;
}

/**
 * Writes the rows, if all of them are still in the expected version and were not repaired; else the whole transaction fails with
 * {@link isVersionConflict}. The check is part of the statement, so that what follows need not wait for its result.
 */
export function updateProcesses(tenant: string, updates: readonly ProcessUpdate[]): Statement[] {
  if (updates.length === 0) return [];
  // Rows are locked in one order everywhere, so that two batches do not wait for each other.
  const sorted = [...updates].sort((one, other) => (one.row.id < other.row.id ? -1 : 1));
  const column = columnsOf(sorted);
  return [
    {
      name: 'update_processes',
      sql: `
        with written as (
          update processes set
            scenario = change.scenario, version = change.version, etag = change.etag, state = change.state,
            running = change.running, snapshot = change.snapshot::json, updated_at = change.updated_at,
            incident = processes.incident and not change.moved
          from unnest(
            $2::uuid[], $3::int[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::boolean[], ${documentsIn('$9')},
            $10::timestamptz[], $11::boolean[], $12::int[]
          ) as change (id, expected, scenario, version, etag, state, running, snapshot, updated_at, moved, repairs)
          where processes.tenant = $1 and processes.id = change.id and processes.version = change.expected
            and processes.repairs = change.repairs
          returning 1
        )
        select 1 / (count(*) = cardinality($2::uuid[]))::int from written`,
      parameters: [
        tenant,
        plainColumn(column(({ row }) => row.id)),
        plainColumn(column(({ expected }) => expected)),
        plainColumn(column(({ row }) => row.scenario)),
        plainColumn(column(({ row }) => row.version)),
        column(({ row }) => row.etag),
        column(({ row }) => row.state),
        plainColumn(column(({ row }) => row.running)),
        documentColumn(column(({ row }) => row.snapshot)),
        plainColumn(column(({ row }) => row.updated_at)),
        plainColumn(column(({ moved }) => moved)),
        plainColumn(column(({ row }) => row.repairs)),
      ],
    },
  ];
}

export function insertEvents(tenant: string, rows: readonly EventRow[]): Statement[] {
  if (rows.length === 0) return [];
  const column = columnsOf(rows);
  return [
    {
      name: 'insert_events',
      sql: `
        insert into events (tenant, process, index, event, log)
        select $1, added.process, added.index, event::json, log::json
        from unnest($2::uuid[], $3::int[], ${documentsIn('$4')}, ${documentsIn('$5')}) as added (process, index, event, log)`,
      parameters: [
        tenant,
        plainColumn(column(({ process }) => process)),
        plainColumn(column(({ index }) => index)),
        documentColumn(column(({ event }) => JSON.stringify(event))),
        documentColumn(column(({ log }) => JSON.stringify(log))),
      ],
    },
  ];
}

const columnsOf =
  <Row>(rows: readonly Row[]) =>
  <T>(pick: (row: Row) => T): T[] =>
    rows.map(pick);
