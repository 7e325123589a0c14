import type { BodyOf, Principal, ProcessAnswer, ProcessField, getProcess } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { toDocument, toSnapshot, type Process } from '@handover/process';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { isUuid } from '../id.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';
import { requireReadable } from './acting.js';
import { notFound } from './refusal.js';
import { loadProcess } from './stored-process.js';

export interface ReadPorts {
  readonly db: Kysely<EngineSchema>;
  readonly scenarios: ScenarioStore;
}

/** The members that cost reading the past. */
const HISTORY: readonly ProcessField[] = ['previous', 'events'];

/**
 * A process for one who may see it: whole, or the members asked for.
 * @throws HandoverError `process_not_found`, `forbidden`
 */
export async function read(
  ports: ReadPorts,
  { id, fields }: BodyOf<typeof getProcess>,
  principal: Principal,
): Promise<ProcessAnswer> {
  const withHistory = fields === undefined || fields.some((field) => HISTORY.includes(field));
  const process = await readable(ports, id, principal, withHistory);
  const document = documentOf(process, withHistory);
  return {
    process: fields ? Object.fromEntries(fields.map((field) => [field, document[field]])) : document,
    etag: process.head.hash,
    lastModified: process.head.timestamp,
  };
}

/** @throws HandoverError `process_not_found`, `forbidden` */
export async function readable(
  { db, scenarios }: ReadPorts,
  id: string,
  principal: Principal,
  withHistory: boolean,
): Promise<Process> {
  const { tenant } = principal;
  const process = isUuid(id)
    ? await withTenant(db, tenant, (tx) => loadProcess(tx, scenarios, tenant, id, withHistory))
    : undefined;
  if (!process) throw notFound();
  requireReadable(process, principal);
  return process;
}

function documentOf(process: Process, withHistory: boolean): Record<string, unknown> {
  return withHistory ? { ...toDocument(process) } : { ...toSnapshot(process), scenario: process.scenario.document };
}
