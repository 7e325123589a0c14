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
import type { PrincipalVerifier, RequestRoute } from '@handover/runtime';
import { hash } from '@handover/scenario';
import type { Kysely } from 'kysely';
import { guarded } from './authorisation.js';
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
export function routes(verifier: PrincipalVerifier, parts: Parts): RequestRoute[] {
  return [...scenarioRoutes(verifier, parts), ...processRoutes(verifier, parts), ...incidentRoutes(verifier, parts)];
}

function scenarioRoutes(verifier: PrincipalVerifier, { db }: Parts): RequestRoute[] {
  const notFound = () => new HandoverError('scenario_not_found', 'Scenario not found');
  return [
    guarded(verifier, storeScenario, 'scenario:write', (body, { tenant }) => store(db, tenant, body)),
    guarded(verifier, listScenarios, 'scenario:read', async (_, { tenant }) => ({
      scenarios: await withTenant(db, tenant, (tx) => listSummaries(tx)),
    })),
    guarded(verifier, getScenario, 'scenario:read', async ({ id }, { tenant }) => {
      const found = isUuid(id) ? await withTenant(db, tenant, (tx) => findScenario(tx, id)) : undefined;
      if (!found) throw notFound();
      return found;
    }),
    guarded(verifier, disableScenario, 'scenario:write', async ({ id }, { tenant }) => {
      const found = isUuid(id) && (await withTenant(db, tenant, (tx) => markDisabled(tx, id)));
      if (!found) throw notFound();
      return {};
    }),
  ];
}

function processRoutes(verifier: PrincipalVerifier, parts: Parts): RequestRoute[] {
  return [
    guarded(verifier, startProcess, 'process:start', (body, principal, delivery) =>
      start(parts, body, principal, idempotencyOf(delivery, principal)),
    ),
    guarded(verifier, stepProcess, 'process:step', async (body, principal, delivery) => {
      const stepped = await performStep(parts.writes, body, principal, idempotencyOf(delivery, principal));
      return body.representation ? read(parts, { id: body.process }, principal) : stepped;
    }),
    guarded(verifier, getProcess, null, (body, principal) => read(parts, body, principal)),
    guarded(verifier, listEvents, null, (body, principal) => readEvents(parts, body, principal)),
    guarded(verifier, verifyProcess, null, (body, principal) => readVerification(parts, body, principal)),
  ];
}

function incidentRoutes(verifier: PrincipalVerifier, { db, timeouts }: Parts): RequestRoute[] {
  return [
    guarded(verifier, listIncidents, 'process:super', ({ process }, { tenant }) => openIncidents(db, tenant, process)),
    guarded(verifier, retryIncident, 'process:super', ({ id }, { tenant }) => retry(timeouts, tenant, id)),
  ];
}

/** The caller's key, and what tells this command from another: who asks for what. */
function idempotencyOf({ headers, type, body }: Delivery, { id }: Principal): Idempotency | undefined {
  const key = headers.idempotencyKey;
  return key === undefined ? undefined : { key, fingerprint: hash([type, id, body]) };
}
