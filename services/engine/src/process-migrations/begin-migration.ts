import { HandoverError, type AnswerOf, type BodyOf, type Principal, type startMigration } from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { EventActor } from '@handover/process';
import type { Logger } from '@handover/runtime';
import type { Kysely, Transaction } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { EngineSchema } from '../database.js';
import type { Idempotency } from '../idempotency/idempotency.repository.js';
import { findScenario } from '../scenarios/scenario.repository.js';
import { findMigration, findMigrationByKey, insertMigration } from './migration.repository.js';
import type { Migrator } from './migrator.js';

export interface BeginPorts {
  readonly db: Kysely<EngineSchema>;
  readonly migrator: Pick<Migrator, 'wake'>;
  readonly log: Logger;
}

/**
 * Notes a migration that is to be carried out. The same idempotency key again answers the migration it began.
 * @throws HandoverError `unknown_scenario`, `scenario_disabled`, `invalid_request`, `idempotency_mismatch`
 */
export async function begin(
  { db, migrator, log }: BeginPorts,
  { selection, to: target, dryRun }: BodyOf<typeof startMigration>,
  principal: Principal,
  idempotency?: Idempotency,
): Promise<AnswerOf<typeof startMigration>> {
  const { tenant } = principal;
  if (selection.scenario === target) {
    const errors = [{ pointer: '/to', detail: 'must be another scenario than the one the processes run under' }];
    throw new HandoverError('invalid_request', 'The body is not valid', { errors });
  }
  const migration = await withTenant(db, tenant, async (tx) => {
    await requireScenarios(tx, selection.scenario, target);
    const id = randomUUID();
    const actor = deciderOf(principal);
    const isNew = await insertMigration(tx, { tenant, id, selection, target, dryRun, actor, idempotency });
    return isNew ? findMigration(tx, id) : begunBefore(tx, idempotency);
  });
  if (!migration) throw new Error('a migration that was just written is not there');
  log.info({ tenant, migration: migration.id, by: principal.id, target, dryRun }, 'a migration of processes begins');
  migrator.wake();
  return migration;
}

async function requireScenarios(tx: Transaction<EngineSchema>, from: string, to: string): Promise<void> {
  if (!(await findScenario(tx, from))) {
    throw new HandoverError('unknown_scenario', 'There is no scenario of the id in selection.scenario');
  }
  const target = await findScenario(tx, to);
  if (!target) throw new HandoverError('unknown_scenario', 'There is no scenario of the id in to');
  if (target.disabled) throw new HandoverError('scenario_disabled', 'The scenario to migrate to is disabled');
}

async function begunBefore(tx: Transaction<EngineSchema>, idempotency: Idempotency | undefined) {
  const before = idempotency && (await findMigrationByKey(tx, idempotency.key));
  if (before && before.fingerprint !== idempotency.fingerprint) {
    throw new HandoverError('idempotency_mismatch', 'The idempotency key was used for another migration');
  }
  return before?.migration;
}

/** Who decided it, as the events say. It is no actor of the process. */
function deciderOf({ kind, id, key, info }: Principal): EventActor {
  if (kind === 'key') return { key: 'operator', apikey: key?.id };
  return { ...info, key: 'operator', id };
}
