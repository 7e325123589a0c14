import type { Delivery } from '@handover/bus';
import {
  HandoverError,
  disableScenario,
  getProcess,
  getScenario,
  listEvents,
  listIncidents,
  listScenarios,
  retryIncident,
  startProcess,
  stepProcess,
  storeScenario,
  verifyProcess,
  type Principal,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Callers, RequestRoute } from '@handover/runtime';
import { hash } from '@handover/scenario';
import type { Kysely } from 'kysely';
import { guarded, guardedForTenant, reaches } from './authorisation.js';
import type { EngineSchema } from './database.js';
import { isUuid } from './id.js';
import type { Idempotency } from './idempotency/idempotency.repository.js';
import { openIncidents, retry } from './incidents/retry-incident.js';
import { readEvents, readVerification } from './processes/read-history.js';
import { read } from './processes/read-process.js';
import { start } from './processes/start-process.js';
import { performStep } from './processes/step-process.js';
import type { TimeoutPorts } from './processes/time-out-process.js';
import type { WritePath } from './processes/write-path.js';
import type { ScenarioStore } from './scenarios/scenario-store.js';
import { findScenario, listSummaries, markDisabled } from './scenarios/scenario.repository.js';
import { store } from './scenarios/store-scenario.js';

/** The parts of the engine that requests are answered with. */
export interface Parts {
  readonly db: Kysely<EngineSchema>;
  readonly scenarios: ScenarioStore;
  readonly writes: WritePath;
  readonly timeouts: TimeoutPorts;
}

/** What the engine answers, and the privilege each question needs; null where the process at hand decides. */
export function routes(callers: Callers, parts: Parts): RequestRoute[] {
  return [...scenarioRoutes(callers, parts), ...processRoutes(callers, parts), ...incidentRoutes(callers, parts)];
}

function scenarioRoutes(callers: Callers, { db }: Parts): RequestRoute[] {
  const notFound = () => new HandoverError('scenario_not_found', 'Scenario not found');
  return [
    guardedForTenant(callers, storeScenario, 'scenario:write', (body, { tenant }) => store(db, tenant, body)),
    guarded(callers, listScenarios, 'scenario:read', async (_, principal) => {
      const all = await withTenant(db, principal.tenant, (tx) => listSummaries(tx));
      return { scenarios: all.filter(({ id }) => reaches(principal, id)) };
    }),
    guarded(callers, getScenario, 'scenario:read', async ({ id }, principal) => {
      const found = isUuid(id) ? await withTenant(db, principal.tenant, (tx) => findScenario(tx, id)) : undefined;
      if (!found || !reaches(principal, found.id)) throw notFound();
      return found;
    }),
    guarded(callers, disableScenario, 'scenario:write', async ({ id }, principal) => {
      const { tenant } = principal;
      const isReached = isUuid(id) && reaches(principal, id.toLowerCase());
      const found = isReached && (await withTenant(db, tenant, (tx) => markDisabled(tx, id)));
      if (!found) throw notFound();
      return {};
    }),
  ];
}

function processRoutes(callers: Callers, parts: Parts): RequestRoute[] {
  return [
    guarded(callers, startProcess, 'process:start', (body, principal, delivery) =>
      start(parts, body, principal, idempotencyOf(delivery, principal)),
    ),
    guarded(callers, stepProcess, 'process:step', async (body, principal, delivery) => {
      const stepped = await performStep(parts.writes, body, principal, idempotencyOf(delivery, principal));
      return body.representation ? read(parts, { id: body.process }, principal) : stepped;
    }),
    guarded(callers, getProcess, null, (body, principal) => read(parts, body, principal)),
    guarded(callers, listEvents, null, (body, principal) => readEvents(parts, body, principal)),
    guarded(callers, verifyProcess, null, (body, principal) => readVerification(parts, body, principal)),
  ];
}

function incidentRoutes(callers: Callers, { db, timeouts }: Parts): RequestRoute[] {
  return [
    guardedForTenant(callers, listIncidents, 'process:super', ({ process }, { tenant }) =>
      openIncidents(db, tenant, process),
    ),
    guardedForTenant(callers, retryIncident, 'process:super', ({ id }, { tenant }) => retry(timeouts, tenant, id)),
  ];
}

/** The caller's key, and what tells this command from another: who asks for what. */
function idempotencyOf({ headers, type, body }: Delivery, { id }: Principal): Idempotency | undefined {
  const key = headers.idempotencyKey;
  return key === undefined ? undefined : { key, fingerprint: hash([type, id, body]) };
}
