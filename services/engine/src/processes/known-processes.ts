import { withTenant, type Database } from '@handover/database';
import type { EngineSchema } from '../database.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';
import type { ProcessCache } from './process-cache.js';
import { loadProcesses, type ProcessInHand } from './stored-process.js';

/** Processes by id, as they were a moment ago: what is decided on them counts if their versions are the same when it is written. */
export type KnownProcesses = ReadonlyMap<string, ProcessInHand>;

/** What is to be decided, and about which process. */
interface Waiting {
  readonly command: { readonly process: string; readonly isNew?: boolean; readonly isPatient?: boolean };
  readonly attempts: number;
}

interface Ports {
  readonly database: Pick<Database<EngineSchema>, 'db'>;
  readonly scenarios: ScenarioStore;
  readonly cache: ProcessCache;
}

/** The batch's processes, if all of them are remembered. */
export function inMemory(cache: ProcessCache, tenant: string, batch: readonly Waiting[]): KnownProcesses | undefined {
  const known = new Map<string, ProcessInHand>();
  for (const { command } of batch) {
    if (command.isNew === true || known.has(command.process)) continue;
    const inHand = cache.get(tenant, command.process);
    if (!inHand) return undefined;
    known.set(command.process, inHand);
  }
  return known;
}

/**
 * Processes that wait for a time are seldom remembered, and seldom is anything else done to them in that moment: they are read
 * together and written in one round trip, instead of being locked and written statement by statement.
 * @returns undefined for commands that somebody waits for, or that met a conflict
 */
export async function readAhead(
  { cache, database, scenarios }: Ports,
  tenant: string,
  batch: readonly Waiting[],
): Promise<KnownProcesses | undefined> {
  if (!batch.every(({ command, attempts }) => command.isPatient === true && attempts === 1)) return undefined;
  const known = new Map<string, ProcessInHand>();
  const unknown: string[] = [];
  for (const { command } of batch) {
    const inHand = cache.get(tenant, command.process);
    if (inHand) known.set(command.process, inHand);
    else unknown.push(command.process);
  }
  const read = await withTenant(database.db, tenant, (tx) => loadProcesses(tx, scenarios, tenant, unknown, false));
  return new Map([...known, ...read]);
}
