import type { Bus } from '@handover/bus';
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
} from '@handover/contracts';
import { openDatabase, withTenant } from '@handover/database';
import {
  answer,
  createPrincipalVerifier,
  type Logger,
  type RequestRoute,
  type RunningService,
} from '@handover/runtime';
import type { Kysely } from 'kysely';
import { guarded } from './authorisation.js';
import type { EngineConfig } from './config.js';
import type { EngineSchema } from './database.js';
import { isUuid } from './id.js';
import { openIncidents, retry } from './incidents/retry-incident.js';
import { startRelay } from './outbox/relay.js';
import { readEvents, readVerification } from './processes/read-history.js';
import { read } from './processes/read-process.js';
import { start } from './processes/start-process.js';
import { performStep } from './processes/step-process.js';
import { timeOut, type TimeoutPorts } from './processes/time-out-process.js';
import { appointments } from './processes/write-processes.js';
import { createWritePath, type WritePath } from './processes/write-path.js';
import { createScenarioStore, type ScenarioStore } from './scenarios/scenario-store.js';
import { findScenario, listSummaries, markDisabled } from './scenarios/scenario.repository.js';
import { store } from './scenarios/store-scenario.js';
import { startScheduler } from './timers/scheduler.js';

export interface EnginePorts {
  readonly bus: Bus;
  readonly log: Logger;
}

/** The engine, answering requests and relaying its outbox until stopped. */
export async function startEngine(config: EngineConfig, { bus, log }: EnginePorts): Promise<RunningService> {
  const database = openDatabase<EngineSchema>({
    url: config.DATABASE_URL,
    applicationName: 'handover-engine',
    poolSize: config.DATABASE_POOL,
    log,
  });
  const { db } = database;
  const relay = startRelay(db, bus, log, config.OUTBOX_POLL_MS);
  const scenarios = createScenarioStore(config.SCENARIO_CACHE);
  const writes = createWritePath({
    db,
    scenarios,
    log,
    committed: (written) => {
      relay.wake();
      for (const dueAt of appointments(written)) scheduler.expect(dueAt);
    },
  });
  const timeouts = { db, writes, log, announced: () => relay.wake() };
  const scheduler = startScheduler({
    db,
    log,
    pollMs: config.TIMER_POLL_MS,
    fire: async ({ tenant, process }) => {
      await timeOut(timeouts, tenant, process);
    },
  });
  const registration = await answer(bus, 'engine', routes(bus, { db, scenarios, writes, timeouts }), log);

  return {
    dependencies: [{ name: 'database', check: () => database.ready() }],
    async stop() {
      await registration.close();
      await scheduler.stop();
      await writes.stop();
      await relay.stop();
      await database.close();
    },
  };
}

interface Parts {
  readonly db: Kysely<EngineSchema>;
  readonly scenarios: ScenarioStore;
  readonly writes: WritePath;
  readonly timeouts: TimeoutPorts;
}

/** What the engine answers, and the privilege each question needs. */
function routes(bus: Bus, { db, scenarios, writes, timeouts }: Parts): RequestRoute[] {
  const verifier = createPrincipalVerifier(bus);
  return [
    guarded(verifier, storeScenario, 'scenario:write', (body, { tenant }) => store(db, tenant, body)),
    guarded(verifier, listScenarios, 'scenario:read', async (_, { tenant }) => ({
      scenarios: await withTenant(db, tenant, (tx) => listSummaries(tx)),
    })),
    guarded(verifier, getScenario, 'scenario:read', async ({ id }, { tenant }) => {
      const found = isUuid(id) ? await withTenant(db, tenant, (tx) => findScenario(tx, id)) : undefined;
      if (!found) throw new HandoverError('scenario_not_found', 'Scenario not found');
      return found;
    }),
    guarded(verifier, disableScenario, 'scenario:write', async ({ id }, { tenant }) => {
      const found = isUuid(id) && (await withTenant(db, tenant, (tx) => markDisabled(tx, id)));
      if (!found) throw new HandoverError('scenario_not_found', 'Scenario not found');
      return {};
    }),
    guarded(verifier, startProcess, 'process:start', (body, principal) =>
      start({ db, scenarios, writes }, body, principal),
    ),
    guarded(verifier, stepProcess, 'process:step', async (body, principal) => {
      const stepped = await performStep(writes, body, principal);
      return body.representation ? read({ db, scenarios }, { id: body.process }, principal) : stepped;
    }),
    guarded(verifier, listIncidents, 'process:super', ({ process }, { tenant }) => openIncidents(db, tenant, process)),
    guarded(verifier, retryIncident, 'process:super', ({ id }, { tenant }) => retry(timeouts, tenant, id)),
    guarded(verifier, getProcess, null, (body, principal) => read({ db, scenarios }, body, principal)),
    guarded(verifier, listEvents, null, (body, principal) => readEvents({ db, scenarios }, body, principal)),
    guarded(verifier, verifyProcess, null, (body, principal) => readVerification({ db, scenarios }, body, principal)),
  ];
}
