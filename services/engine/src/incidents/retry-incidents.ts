import { HandoverError, type AnswerOf, type BodyOf, type retryIncidents } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { isUuid } from '../id.js';
import type { TimeoutPorts } from '../processes/time-out-process.js';
import { countIncidents, failureOf, oldestIncidents, type OpenIncident } from './incident.repository.js';
import { tryAgain } from './retry-incident.js';

type Answer = AnswerOf<typeof retryIncidents>;

/** So many at a time: they share commits, and leave room for the commands that people wait for. */
const SIDE_BY_SIDE = 20;

/** Tries again what many incidents stopped, the oldest first, each by itself: one that fails again holds up no other. */
export async function retryMany(
  ports: TimeoutPorts,
  tenant: string,
  { limit, ...filter }: BodyOf<typeof retryIncidents>,
): Promise<Answer> {
  if (filter.process !== undefined && !isUuid(filter.process)) {
    return { taken: 0, closed: 0, failed: 0, failures: [], open: 0 };
  }
  const waiting = await withTenant(ports.db, tenant, (tx) => oldestIncidents(tx, filter, limit));
  const failures: Answer['failures'] = [];
  for (let from = 0; from < waiting.length; from += SIDE_BY_SIDE) {
    const tried = waiting.slice(from, from + SIDE_BY_SIDE).map((incident) => failing(ports, tenant, incident));
    failures.push(...(await Promise.all(tried)).flat());
  }
  return {
    taken: waiting.length,
    closed: waiting.length - failures.length,
    failed: failures.length,
    failures,
    open: await withTenant(ports.db, tenant, (tx) => countIncidents(tx, filter)),
  };
}

/** @returns why it failed, if it did */
async function failing(
  ports: TimeoutPorts,
  tenant: string,
  { id, process }: OpenIncident,
): Promise<Answer['failures']> {
  try {
    if (await tryAgain(ports, tenant, process)) return [];
    const failure = await withTenant(ports.db, tenant, (tx) => failureOf(tx, id));
    return failure ? [{ incident: id, process, ...failure }] : [];
  } catch (error) {
    if (!(error instanceof HandoverError)) throw error;
    return [{ incident: id, process, code: error.code, message: error.message }];
  }
}
