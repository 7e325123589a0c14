import type { Bus, MessageHeaders } from '@handover/bus';
import { HandoverError, checkApiKey, type Principal } from '@handover/contracts';
import { isConnectionFailure, openDatabase } from '@handover/database';
import {
  answer,
  ask,
  createCallers,
  dispatcher,
  meterConnections,
  type Logger,
  type Metrics,
  type RunningService,
} from '@handover/runtime';
import { announceRejection } from './commands/announce-rejection.js';
import { startCarrier } from './commands/carrier.js';
import { takeCommands } from './commands/command.intake.js';
import type { EngineConfig } from './config.js';
import type { EngineSchema } from './database.js';
import { claimEngineActions, engineTimes } from './engine-actions/engine-action.repository.js';
import { performAction } from './engine-actions/perform-action.js';
import { startSweeper } from './idempotency/sweeper.js';
import { createCapabilities } from './notifications/capability.js';
import { claimDueNotifications } from './notifications/delayed.repository.js';
import { fireNotification } from './notifications/fire-notification.js';
import { dueTimes } from './notifications/notification.js';
import { startRelay } from './outbox/relay.js';
import { startMigrator } from './process-migrations/migrator.js';
import { createProcessCache } from './processes/process-cache.js';
import { createChangeTeller } from './processes/tell-changes.js';
import { timeOut } from './processes/time-out-process.js';
import { createWritePath } from './processes/write-path.js';
import { startRetention } from './retention/retention.js';
import { routes } from './routes.js';
import { warnOfServices } from './scenarios/unknown-services.js';
import { createScenarioStore } from './scenarios/scenario-store.js';
import { createRemoteSchemas } from './schemas/remote-schemas.js';
import { loadSharedSchemas } from './schemas/shared-schemas.js';
import { startScheduler } from './timers/scheduler.js';
import { claimDueTimers } from './timers/timer.repository.js';
import { migrations } from './migrations/index.js';

const MIB = 1024 * 1024;
/** Requests in hand at a time: the more wait together, the more share a transaction. Beyond them the bus pushes back. */
const CONCURRENT_REQUESTS = 1_024;

export interface EnginePorts {
  readonly bus: Bus;
  readonly log: Logger;
  readonly metrics?: Metrics;
}

/** The engine, answering requests and relaying its outbox until stopped. */
export async function startEngine(config: EngineConfig, { bus, log, metrics }: EnginePorts): Promise<RunningService> {
  const database = openDatabase<EngineSchema>({
    url: config.DATABASE_URL,
    applicationName: 'handover-engine',
    migrations: Object.keys(migrations),
    poolSize: config.DATABASE_POOL,
    log,
  });
  const { db } = database;
  meterConnections(metrics, () => database.connections());
  const capabilities = createCapabilities(db);
  const relay = startRelay({ database, bus, log, metrics, capabilities, pollMs: config.OUTBOX_POLL_MS });
  const teller = createChangeTeller(bus, log);
  const scenarios = createScenarioStore(config.SCENARIO_CACHE);
  const writes = createWritePath({
    database,
    scenarios,
    cache: createProcessCache(config.PROCESS_CACHE_MB * MIB),
    relay,
    log,
    metrics,
    committed: (tenant, written, appointments) => {
      for (const { inHand } of written) teller.changed(tenant, inHand.process);
      for (const dueAt of appointments) scheduler.expect(dueAt);
      for (const { changes } of written) for (const dueAt of dueTimes(changes)) notices.expect(dueAt);
      for (const { changes } of written) for (const dueAt of engineTimes(changes)) actions.expect(dueAt);
    },
  });
  const timeouts = { db, writes, log, metrics, announced: () => relay.wake() };
  const scheduler = startScheduler({
    claim: (limit, leaseMs) => claimDueTimers(db, limit, leaseMs),
    log,
    metrics,
    pollMs: config.TIMER_POLL_MS,
    fire: async ({ tenant, process, restless }, traceparent) => {
      await timeOut({ ...timeouts, traceparent }, tenant, process, { restless, isPatient: true });
    },
  });
  const notices = startScheduler({
    claim: (limit, leaseMs) => claimDueNotifications(db, limit, leaseMs),
    log,
    metrics,
    pollMs: config.TIMER_POLL_MS,
    fire: (due) => fireNotification({ db, scenarios, announced: () => relay.wake() }, due),
  });
  const limits = { depth: config.SUBPROCESS_DEPTH, perRoot: config.ENGINE_ACTIONS_PER_PROCESS };
  const actions = startScheduler({
    claim: (limit, leaseMs) => claimEngineActions(db, limit, leaseMs),
    log,
    metrics,
    pollMs: config.TIMER_POLL_MS,
    fire: (due, traceparent) => performAction({ ...timeouts, scenarios, limits, traceparent }, due),
  });
  const migrator = startMigrator({ db, scenarios, writes, log });
  const retention = startRetention({
    db,
    scenarios,
    log,
    archiveAfter: config.PROCESS_ARCHIVE_AFTER,
    deleteAfter: config.PROCESS_DELETE_AFTER,
  });
  const sweeper = startSweeper(db, log, config.IDEMPOTENCY_HOURS);
  const callers = createCallers(bus);
  const announced = () => relay.wake();
  const isReadOnly = config.SCENARIO_READONLY;
  const shared = await loadSharedSchemas(config.SCHEMA_PATH, log);
  const remote = createRemoteSchemas({
    hosts: config.SCHEMA_FETCH_HOSTS,
    isDevelopment: config.NODE_ENV === 'development' || config.NODE_ENV === 'test',
  });
  const posted = () => carrier.wake();
  const parts = {
    db,
    scenarios,
    writes,
    timeouts,
    capabilities,
    migrator,
    log,
    announced,
    isReadOnly,
    shared,
    remote,
    warnOfServices: warnOfServices(bus, log),
    posted,
  };
  const answers = routes(callers, parts);
  // Whoever the row of a posted command says sent it was verified when it was accepted.
  const senders = new WeakMap<MessageHeaders, Principal>();
  const carryOut = dispatcher(routes({ of: async (headers) => sender(senders, headers) }, parts), metrics);
  const carrier = startCarrier({
    db,
    log,
    dispatchAs: (principal) => (delivery) => {
      senders.set(delivery.headers, principal);
      return carryOut(delivery);
    },
    isRevoked: async (tenant, key) => (await ask(bus, checkApiKey, { tenant, key }, { timeoutMs: 2_000 })).revoked,
    concurrency: config.COMMAND_CONCURRENCY,
    pollMs: config.COMMAND_POLL_MS,
  });
  const registration = await answer(bus, 'engine', answers, log, metrics, {
    concurrency: CONCURRENT_REQUESTS,
    isAway: isConnectionFailure,
  });
  const commands = await takeCommands({
    bus,
    log,
    callers,
    dispatch: dispatcher(answers, metrics),
    limits: { bodyBytes: config.COMMAND_BODY_LIMIT, concurrency: config.COMMAND_CONCURRENCY },
    announce: async (rejected) => {
      await announceRejection(db, rejected);
      relay.wake();
    },
  });

  return {
    dependencies: [
      { name: 'database', check: () => database.ready() },
      { name: 'backlog', check: () => writes.ready() },
    ],
    async stop() {
      await commands.close();
      await registration.close();
      await carrier.stop();
      await scheduler.stop();
      await notices.stop();
      await actions.stop();
      await migrator.stop();
      await retention.stop();
      await writes.stop();
      teller.stop();
      await relay.stop();
      await sweeper.stop();
      await remote.close();
      await database.close();
    },
  };
}

function sender(senders: WeakMap<MessageHeaders, Principal>, headers: MessageHeaders): Principal {
  const principal = senders.get(headers);
  if (!principal) throw new HandoverError('unauthenticated', 'Nobody is known to have sent the command');
  return principal;
}
