import type { Bus } from '@handover/bus';
import { openDatabase } from '@handover/database';
import { answer, createPrincipalVerifier, type Logger, type RunningService } from '@handover/runtime';
import type { NotifierConfig } from './config.js';
import type { NotifierSchema } from './database.js';
import { attemptDelivery } from './deliveries/attempt.js';
import { createDispatcher } from './deliveries/dispatcher.js';
import { eventHandler } from './deliveries/event.handler.js';
import { createSender } from './deliveries/sender.js';
import { createVault } from './webhooks/secret.js';
import { webhookRoutes } from './webhooks/webhook.routes.js';

export interface NotifierPorts {
  readonly bus: Bus;
  readonly log: Logger;
}

/** A claim outlives the longest attempt by this much: time to commit the result, and for a slow moment of the machine. */
const LEASE_MARGIN_MS = 5_000;

/** The notifier service: takes events and requests, and delivers, until stopped. */
export async function startNotifier(config: NotifierConfig, { bus, log }: NotifierPorts): Promise<RunningService> {
  const database = openDatabase<NotifierSchema>({
    url: config.DATABASE_URL,
    applicationName: 'handover-notifier',
    poolSize: config.DATABASE_POOL,
    log,
  });
  const { db } = database;
  const policy = { allowLoopback: config.WEBHOOK_ALLOW_LOOPBACK };
  const schedule = config.WEBHOOK_SCHEDULE;
  const vault = createVault(config.WEBHOOK_SECRET_KEY);
  const sender = createSender({ policy, timeoutMs: config.WEBHOOK_TIMEOUT_MS });
  const dispatcher = createDispatcher({
    db,
    log,
    work: (lane, signal) => attemptDelivery({ db, log, sender, vault, schedule }, lane, signal),
    concurrency: config.WEBHOOK_CONCURRENCY,
    each: config.WEBHOOK_CONCURRENCY_EACH,
    leaseMs: config.WEBHOOK_TIMEOUT_MS + LEASE_MARGIN_MS,
  });

  const onEvent = eventHandler({ db, firstDelayMs: schedule[0], onStored: () => dispatcher.wake() });
  const verifier = createPrincipalVerifier(bus);
  const registrations = await Promise.all([
    answer(bus, 'notifier', webhookRoutes({ db, verifier, vault, policy }), log),
    bus.subscribe('notifier.webhooks', onEvent),
  ]);
  dispatcher.start();

  return {
    dependencies: [{ name: 'database', check: () => database.ready() }],
    async stop() {
      await Promise.all(registrations.map((registration) => registration.close()));
      await dispatcher.stop(config.STOP_TIMEOUT_MS / 3);
      await sender.close();
      await database.close();
    },
  };
}
