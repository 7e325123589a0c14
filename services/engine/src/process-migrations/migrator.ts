import { withTenant } from '@handover/database';
import type { Logger } from '@handover/runtime';
import { startRounds, type Rounds } from '../rounds.js';
import {
  claimMigration,
  finishMigration,
  noteOutcomes,
  openItems,
  planItems,
  releaseMigration,
  type ClaimedMigration,
  type Outcome,
} from './migration.repository.js';
import { migrateProcess, type MigratePorts } from './migrate-process.js';

export type Migrator = Rounds;

export interface MigratorPorts extends MigratePorts {
  readonly log: Logger;
  /** How often to look for work nobody announced, in milliseconds. */
  readonly pollMs?: number;
}

const POLL_MS = 5_000;
/** Longer than a piece of work takes; a replica that dies in the middle loses its claim. */
const LEASE_MS = 30_000;
const PLANNED_AT_ONCE = 5_000;
const EXAMINED_AT_ONCE = 40;
/** So few at a time: people's commands go through the same door. */
const SIDE_BY_SIDE = 4;

/**
 * Carries out migrations, a piece at a time, whichever waits longest: first every process selected is listed, then one after
 * the other is examined and taken along. All progress is in the database, so another replica goes on where one stopped.
 */
export function startMigrator(ports: MigratorPorts): Migrator {
  const { db, log, pollMs = POLL_MS } = ports;
  const round = async (): Promise<boolean> => {
    const migration = await claimMigration(db, LEASE_MS);
    if (!migration) return false;
    await (migration.planned ? examineSome(ports, migration) : plan(ports, migration));
    return true;
  };
  return startRounds('migrations', round, pollMs, log);
}

function plan({ db }: MigratorPorts, migration: ClaimedMigration): Promise<void> {
  return withTenant(db, migration.tenant, async (tx) => {
    await planItems(tx, migration, PLANNED_AT_ONCE);
    await releaseMigration(tx, migration.id);
  });
}

async function examineSome(ports: MigratorPorts, migration: ClaimedMigration): Promise<void> {
  const { db, scenarios, log } = ports;
  const { tenant, id } = migration;
  const { target, open } = await withTenant(db, tenant, async (tx) => ({
    target: await scenarios.compiled(tx, tenant, migration.target),
    open: await openItems(tx, id, EXAMINED_AT_ONCE),
  }));
  if (open.length === 0) {
    await withTenant(db, tenant, (tx) => finishMigration(tx, id));
    log.info({ tenant, migration: id, dryRun: migration.dryRun }, 'a migration of processes is done');
    return;
  }
  const outcomes: Outcome[] = [];
  for (let start = 0; start < open.length; start += SIDE_BY_SIDE) {
    const some = open.slice(start, start + SIDE_BY_SIDE);
    outcomes.push(...(await Promise.all(some.map((process) => migrateProcess(ports, migration, target, process)))));
  }
  await withTenant(db, tenant, async (tx) => {
    await noteOutcomes(tx, id, outcomes);
    await releaseMigration(tx, id);
  });
}
