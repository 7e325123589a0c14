import { fromSnapshot, toSnapshot, type LogEntry, type Process, type ProcessEvent } from '@handover/process';
import type { Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';
import { findEvents, findProcesses, type EventRow, type ProcessRecord, type ProcessRow } from './process.repository.js';
import { separatesDuties } from './separation.js';

type Tx = Transaction<EngineSchema>;

/** A process in the engine's hands. */
export interface ProcessInHand {
  readonly process: Process;
  /** Time of its first event, ISO 8601. */
  readonly startedAt: string;
  /** How often it was made anew from its events. */
  readonly repairs: number;
  /** What was announced of it so far was taken by this replica's relay, unless somebody wrote the process since. */
  readonly carried: boolean;
}

/** The row that keeps a process. */
export function recordOf({ process, startedAt, repairs }: Omit<ProcessInHand, 'carried'>): ProcessRecord {
  return {
    id: process.id,
    scenario: process.scenario.id,
    version: process.head.count,
    repairs,
    etag: process.head.hash,
    state: process.current.key,
    running: process.isRunning,
    snapshot: JSON.stringify(toSnapshot(process)),
    created_at: startedAt,
    updated_at: process.head.timestamp,
  };
}

/**
 * The processes that exist among `ids`. Their history is read only for scenarios whose expressions or duties need it.
 * @param locked nobody else changes them until the end of the transaction
 */
export async function loadProcesses(
  tx: Tx,
  scenarios: ScenarioStore,
  tenant: string,
  ids: readonly string[],
  locked: boolean,
): Promise<Map<string, ProcessInHand>> {
  if (ids.length === 0) return new Map();
  const rows = await findProcesses(tx, ids, locked);
  const found = await Promise.all(
    rows.map(async (row) => ({ row, scenario: await scenarios.compiled(tx, tenant, row.scenario) })),
  );
  const reading = found
    .filter(({ scenario }) => scenario.readsHistory || separatesDuties(scenario))
    .map(({ row }) => row);
  const histories = await loadHistories(tx, reading);
  return new Map(
    found.map(({ row, scenario }) => {
      const process = fromSnapshot(scenario, row.snapshot, histories.get(row.id));
      return [row.id, { process, startedAt: row.created_at, repairs: row.repairs, carried: false }];
    }),
  );
}

/** One process, with its whole history or without any. */
export async function loadProcess(
  tx: Tx,
  scenarios: ScenarioStore,
  tenant: string,
  id: string,
  withHistory: boolean,
): Promise<Process | undefined> {
  const [row] = await findProcesses(tx, [id]);
  if (!row) return undefined;
  const scenario = await scenarios.compiled(tx, tenant, row.scenario);
  const history = withHistory ? (await loadHistories(tx, [row])).get(id) : undefined;
  return fromSnapshot(scenario, row.snapshot, history);
}

interface History {
  readonly events: ProcessEvent[];
  previous: LogEntry[];
}

/** The past of each row. Events committed after the row was read are left out: they belong to a later version. */
async function loadHistories(tx: Tx, rows: readonly ProcessRow[]): Promise<Map<string, History>> {
  const histories = new Map<string, History>(rows.map(({ id }) => [id, { events: [], previous: [] }]));
  if (rows.length === 0) return histories;
  const versions = new Map(rows.map(({ id, version }) => [id, version]));
  for (const row of await findEvents(tx, [...versions.keys()])) {
    const history = histories.get(row.process);
    if (history && row.index < (versions.get(row.process) ?? 0)) append(history, row);
  }
  return histories;
}

function append(history: History, { event, log }: EventRow): void {
  history.events.push(event);
  if (log.rewritten) history.previous = [];
  history.previous.push(...log.entries);
}
