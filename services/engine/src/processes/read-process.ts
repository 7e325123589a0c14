import type { BodyOf, Principal, ProcessAnswer, ProcessField, getProcess } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { toDocument, toSnapshot, type Process } from '@handover/process';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { isUuid } from '../id.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';
import { loadArchived } from '../retention/archive.js';
import { requireReadable } from './acting.js';
import { asItWas } from './past-process.js';
import { nextOf } from './prediction.js';
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
 * @throws HandoverError `process_not_found`, `forbidden`; `event_not_found`, `invalid_request` for a moment that never was
 */
export async function read(
  ports: ReadPorts,
  { id, fields, at, predict = false }: BodyOf<typeof getProcess>,
  principal: Principal,
): Promise<ProcessAnswer> {
  const withHistory = predict || fields === undefined || fields.some((field) => HISTORY.includes(field));
  const present = await readable(ports, id, principal, withHistory || at !== undefined);
  const process = at === undefined ? present : await past(ports, present, principal.tenant, at);
  const document = documentOf(process, withHistory);
  return {
    process: {
      ...(fields ? Object.fromEntries(fields.map((field) => [field, document[field]])) : document),
      ...(predict && nextOf(process)),
    },
    etag: process.head.hash,
    lastModified: process.head.timestamp,
  };
}

/** Who may see it now may see what it was. */
async function past({ db, scenarios }: ReadPorts, present: Process, tenant: string, at: string): Promise<Process> {
  const events = present.history?.events.toArray() ?? [];
  return withTenant(db, tenant, (tx) => asItWas({ tx, scenarios, tenant }, events, at));
}

/**
 * One that was archived comes with its history in any case.
 * @throws HandoverError `process_not_found`, `forbidden`
 */
export async function readable(
  { db, scenarios }: ReadPorts,
  id: string,
  principal: Principal,
  withHistory: boolean,
): Promise<Process> {
  const { tenant } = principal;
  const process = isUuid(id)
    ? await withTenant(
        db,
        tenant,
        async (tx) =>
          (await loadProcess(tx, scenarios, tenant, id, withHistory)) ?? loadArchived(tx, scenarios, tenant, id),
      )
    : undefined;
  if (!process) throw notFound();
  requireReadable(process, principal);
  return process;
}

function documentOf(process: Process, withHistory: boolean): Record<string, unknown> {
  return withHistory ? { ...toDocument(process) } : { ...toSnapshot(process), scenario: process.scenario.document };
}
