import type { Principal, ProcessAnswer } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { toDocument } from '@handover/process';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { isUuid } from '../id.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';
import { requireReadable } from './acting.js';
import { notFound } from './step-process.js';
import { loadWhole } from './stored-process.js';

/**
 * The whole process with its history, for one who may see it.
 * @throws HandoverError `process_not_found`, `forbidden`
 */
export async function read(
  db: Kysely<EngineSchema>,
  scenarios: ScenarioStore,
  id: string,
  principal: Principal,
): Promise<ProcessAnswer> {
  if (!isUuid(id)) throw notFound();
  const process = await withTenant(db, principal.tenant, (tx) => loadWhole(tx, scenarios, principal.tenant, id));
  if (!process) throw notFound();
  requireReadable(process, principal);
  return { process: { ...toDocument(process) }, etag: process.head.hash, lastModified: process.head.timestamp };
}
