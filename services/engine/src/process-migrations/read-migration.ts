import {
  HandoverError,
  type AnswerOf,
  type BodyOf,
  type ProcessMigration,
  type listMigrationProcesses,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { isUuid } from '../id.js';
import { findItems, findMigration } from './migration.repository.js';

const notFound = (): HandoverError => new HandoverError('migration_not_found', 'Migration not found');

/** @throws HandoverError `migration_not_found` */
export async function readMigration(db: Kysely<EngineSchema>, tenant: string, id: string): Promise<ProcessMigration> {
  const found = isUuid(id) ? await withTenant(db, tenant, (tx) => findMigration(tx, id)) : undefined;
  if (!found) throw notFound();
  return found;
}

/** @throws HandoverError `migration_not_found` */
export async function readMigrationProcesses(
  db: Kysely<EngineSchema>,
  tenant: string,
  { id, fits, after, limit = 100 }: BodyOf<typeof listMigrationProcesses>,
): Promise<AnswerOf<typeof listMigrationProcesses>> {
  await readMigration(db, tenant, id);
  const page = { migration: id, fits, after, limit: limit + 1 };
  const found = await withTenant(db, tenant, (tx) => findItems(tx, page));
  const processes = found.slice(0, limit);
  const last = processes.at(-1);
  return { processes, ...(found.length > limit && last && { next: last.process }) };
}
