import { HandoverError, type AnswerOf, type BodyOf, type listIncidents, type retryIncident } from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { reviveActions } from '../engine-actions/engine-action.repository.js';
import { isUuid } from '../id.js';
import { timeOut, type TimeoutPorts } from '../processes/time-out-process.js';
import { stepByReply } from '../notifications/apply-reply.js';
import { closeIncident, listIncidents as list, processOfIncident, replyInIncident } from './incident.repository.js';

/**
 * A page of the open incidents of a tenant, or of those that a filter leaves.
 * @throws HandoverError `invalid_request` when the cursor is none
 */
export async function openIncidents(
  db: Kysely<EngineSchema>,
  tenant: string,
  { limit = 100, cursor, ...filter }: Partial<BodyOf<typeof listIncidents>>,
): Promise<AnswerOf<typeof listIncidents>> {
  if (filter.process !== undefined && !isUuid(filter.process)) return { incidents: [] };
  if (cursor !== undefined && !isUuid(cursor)) {
    const errors = [{ pointer: '/cursor', detail: 'is not a cursor of a list of incidents' }];
    throw new HandoverError('invalid_request', 'The cursor is not valid', { errors });
  }
  const found = await withTenant(db, tenant, (tx) => list(tx, filter, limit + 1, cursor));
  const incidents = found.slice(0, limit);
  const next = found.length > limit ? incidents.at(-1)?.id : undefined;
  return { incidents, ...(next !== undefined && { next }) };
}

/**
 * Tries again what an incident stopped.
 * @throws HandoverError `incident_not_found`
 */
export async function retry(ports: TimeoutPorts, tenant: string, id: string): Promise<AnswerOf<typeof retryIncident>> {
  const process = isUuid(id) ? await withTenant(ports.db, tenant, (tx) => processOfIncident(tx, id)) : undefined;
  if (process === undefined) throw new HandoverError('incident_not_found', 'There is no such open incident');
  return { closed: await tryAgain(ports, tenant, process) };
}

/**
 * Tries again what stopped a process: a service's reply, its timeout, and what it asked of the engine.
 * @returns whether its incident is closed
 * @throws HandoverError `step_refused` when the reply can be evaluated now, and is refused
 */
export async function tryAgain(ports: TimeoutPorts, tenant: string, process: string): Promise<boolean> {
  const isWell = (await answerAgain(ports, tenant, process)) && (await timeOut(ports, tenant, process));
  const revived = isWell ? await withTenant(ports.db, tenant, (tx) => reviveActions(tx, process)) : 0;
  if (revived > 0) ports.announced();
  return isWell;
}

/** @returns false when there is a reply that still cannot be evaluated */
async function answerAgain({ db, writes }: TimeoutPorts, tenant: string, process: string): Promise<boolean> {
  const held = await withTenant(db, tenant, (tx) => replyInIncident(tx, process));
  if (!held) return true;
  try {
    await stepByReply(writes, held.reply);
  } catch (error) {
    if (error instanceof HandoverError && error.code === 'evaluation_failed') return false;
    throw error;
  }
  await withTenant(db, tenant, (tx) => closeIncident(tx, held.incident));
  return true;
}
