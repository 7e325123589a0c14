import { withTenant } from '@handover/database';
import { migrate, misfits, ProcessError, type Change, type Process } from '@handover/process';
import type { CompiledScenario } from '@handover/scenario';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { loadProcess } from '../processes/stored-process.js';
import type { WritePath } from '../processes/write-path.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';
import type { ClaimedMigration, Outcome } from './migration.repository.js';

export interface MigratePorts {
  readonly db: Kysely<EngineSchema>;
  readonly scenarios: ScenarioStore;
  readonly writes: WritePath;
}

const MOST_ATTEMPTS = 5;

/**
 * Finds out whether a process fits the new scenario and, unless it is a dry run, takes it there. Carried out again after a
 * crash it comes to the same: a process that is there already was taken there.
 * @throws HandoverError `unavailable` when it has to be tried again later
 */
export async function migrateProcess(
  ports: MigratePorts,
  migration: ClaimedMigration,
  target: CompiledScenario,
  id: string,
): Promise<Outcome> {
  const { tenant, dryRun } = migration;
  const outcome = (fits: boolean, migrated: boolean, process: Process | undefined, reasons: string[]): Outcome => ({
    ...{ process: id, fits, migrated, reasons },
    newState: process?.current.key ?? null,
  });
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const process = await withTenant(ports.db, tenant, (tx) => loadProcess(tx, ports.scenarios, tenant, id, true));
    if (process?.scenario.id === target.id) return outcome(true, !dryRun, process, []);
    const unselected = unselectedBecause(process, migration);
    if (!process || unselected !== undefined) return outcome(false, false, undefined, [unselected ?? '']);
    const result = attemptOn(process, target, migration);
    if ('reasons' in result) return outcome(false, false, undefined, result.reasons);
    if (dryRun || (await write(ports, tenant, process, result))) return outcome(true, !dryRun, result.process, []);
  }
  return outcome(true, false, undefined, ['The process was changed by others again and again']);
}

/** Time has passed since the process was selected. @returns why it would not be selected now */
function unselectedBecause(process: Process | undefined, { selection }: ClaimedMigration): string | undefined {
  if (!process) return 'The process is gone';
  const { scenario, state, tag, running } = selection;
  if (process.scenario.id !== scenario) return 'The process runs under another scenario by now';
  if (running && !process.isRunning) return 'The process has ended by now';
  if (state !== undefined && process.current.key !== state) return 'The process is in another state by now';
  return tag === undefined || process.tags.includes(tag) ? undefined : 'The process has other tags by now';
}

function attemptOn(
  process: Process,
  target: CompiledScenario,
  { actor }: ClaimedMigration,
): Change | { reasons: string[] } {
  try {
    const events = process.history?.events.toArray() ?? [];
    return migrate(target, events, { now: new Date().toISOString(), actor });
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    return { reasons: [...new Set([error.message, ...structuralReasons(process, target)])] };
  }
}

function structuralReasons(process: Process, target: CompiledScenario): string[] {
  try {
    return misfits(target, process);
  } catch (error) {
    if (error instanceof ProcessError) return [error.message];
    throw error;
  }
}

/** @returns whether it was written: not when the process has changed since it was looked at. */
function write({ writes }: MigratePorts, tenant: string, process: Process, change: Change): Promise<boolean> {
  return writes.submit(tenant, {
    process: process.id,
    decide: (inHand) => {
      const isSame = inHand?.process.head.hash === process.head.hash;
      return { changes: isSame ? [change] : [], answer: () => isSame };
    },
  });
}
