import type { Bus } from '@handover/bus';
import { openDatabase } from '@handover/database';
import { answer, createCallers, type Logger, type RunningService } from '@handover/runtime';
import type { EngineConfig } from './config.js';
import type { EngineSchema } from './database.js';
import { startSweeper } from './idempotency/sweeper.js';
import { startRelay } from './outbox/relay.js';
import { timeOut } from './processes/time-out-process.js';
import { createWritePath } from './processes/write-path.js';
import { appointments } from './processes/write-processes.js';
import { routes } from './routes.js';
import { createScenarioStore } from './scenarios/scenario-store.js';
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
  const sweeper = startSweeper(db, log, config.IDEMPOTENCY_HOURS);
  const registration = await answer(
    bus,
    'engine',
    routes(createCallers(bus), { db, scenarios, writes, timeouts }),
    log,
  );

  return {
    dependencies: [{ name: 'database', check: () => database.ready() }],
    async stop() {
      await registration.close();
      await scheduler.stop();
      await writes.stop();
      await relay.stop();
      await sweeper.stop();
      await database.close();
    },
  };
}
