import { HandoverError, type AnswerOf, type listIncidents, type retryIncident } from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { isUuid } from '../id.js';
import { timeOut, type TimeoutPorts } from '../processes/time-out-process.js';
import { listIncidents as list, processOfIncident } from './incident.repository.js';

/** The open incidents of a tenant, or of one of its processes. */
export async function openIncidents(
  db: Kysely<EngineSchema>,
  tenant: string,
  process: string | undefined,
): Promise<AnswerOf<typeof listIncidents>> {
  if (process !== undefined && !isUuid(process)) return { incidents: [] };
  return { incidents: await withTenant(db, tenant, (tx) => list(tx, process)) };
}

/**
 * Tries again what an incident stopped.
 * @throws HandoverError `incident_not_found`
 */
export async function retry(ports: TimeoutPorts, tenant: string, id: string): Promise<AnswerOf<typeof retryIncident>> {
  const process = isUuid(id) ? await withTenant(ports.db, tenant, (tx) => processOfIncident(tx, id)) : undefined;
  if (process === undefined) throw new HandoverError('incident_not_found', 'There is no such open incident');
  return { closed: await timeOut(ports, tenant, process) };
}
