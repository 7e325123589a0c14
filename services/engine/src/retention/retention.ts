import { withTenant } from '@handover/database';
import type { Logger } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { loadProcess } from '../processes/stored-process.js';
import { startRounds, type Rounds } from '../rounds.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';
import { archive } from './archive.js';
import {
  claimEnded,
  forgetEndings,
  lockEnded,
  markArchived,
  removeArchived,
  removeProcesses,
  type Ended,
} from './ending.repository.js';

export interface RetentionOptions {
  readonly db: Kysely<EngineSchema>;
  readonly scenarios: ScenarioStore;
  readonly log: Logger;
  /** Seconds after its end that a process is archived; undefined: never. */
  readonly archiveAfter: number | undefined;
  /** Seconds after its end that a process is deleted, archived or not; undefined: never. */
  readonly deleteAfter: number | undefined;
  /** How often to look, in milliseconds. */
  readonly pollMs?: number;
}

const POLL_MS = 60_000;
const LEASE_MS = 60_000;
/** So many in one transaction: it is over before anybody waits for it. */
const BATCH = 50;

/**
 * Lets go of processes that ended long ago: into the archive, then for good. In small batches with the connections of one
 * transaction, so that commands go on beside it; on any replica, each process once.
 */
export function startRetention(options: RetentionOptions): Rounds {
  const { db, log, archiveAfter, deleteAfter, pollMs = POLL_MS } = options;
  const round = async (): Promise<boolean> => {
    const due = deleteAfter === undefined ? [] : await claimEnded(db, [false, true], deleteAfter, BATCH, LEASE_MS);
    for (const [tenant, ids] of byTenant(due)) await remove(options, tenant, ids);
    const old = archiveAfter === undefined ? [] : await claimEnded(db, [false], archiveAfter, BATCH, LEASE_MS);
    for (const [tenant, ids] of byTenant(old)) await store(options, tenant, ids);
    return due.length === BATCH || old.length === BATCH;
  };
  if (archiveAfter === undefined && deleteAfter === undefined) return NOTHING;
  return startRounds('retention', round, pollMs, log);
}

const NOTHING: Rounds = { wake: () => undefined, stop: () => Promise.resolve() };

async function store({ db, scenarios, log }: RetentionOptions, tenant: string, ids: readonly string[]): Promise<void> {
  const archived = await withTenant(db, tenant, async (tx) => {
    const ended = await lockEnded(tx, ids);
    for (const id of ended) {
      const process = await loadProcess(tx, scenarios, tenant, id, true);
      if (process) await archive(tx, tenant, process);
    }
    await removeProcesses(tx, ended);
    await markArchived(tx, ids);
    return ended;
  });
  log.info({ tenant, processes: archived }, 'processes were archived');
}

async function remove({ db, log }: RetentionOptions, tenant: string, ids: readonly string[]): Promise<void> {
  await withTenant(db, tenant, async (tx) => {
    await removeProcesses(tx, await lockEnded(tx, ids));
    await removeArchived(tx, ids);
    await forgetEndings(tx, ids);
  });
  log.info({ tenant, processes: ids }, 'processes were deleted');
}

function byTenant(ended: readonly Ended[]): Map<string, string[]> {
  const tenants = new Map<string, string[]>();
  for (const { tenant, process } of ended) {
    const ids = tenants.get(tenant);
    if (ids) ids.push(process);
    else tenants.set(tenant, [process]);
  }
  return tenants;
}
