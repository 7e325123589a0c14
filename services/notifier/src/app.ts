import type { Bus } from '@handover/bus';
import { NOTIFICATIONS_QUEUE, replyToNotification } from '@handover/contracts';
import { isConnectionFailure, openDatabase } from '@handover/database';
import {
  answer,
  ask,
  createPrincipalVerifier,
  meterConnections,
  type Logger,
  type Metrics,
  type RunningService,
} from '@handover/runtime';
import type { NotifierConfig } from './config.js';
import { createBrokers } from './couriers/amqp-broker.js';
import { createCouriers } from './couriers/index.js';
import type { NotifierSchema } from './database.js';
import { migrations } from './migrations/index.js';
import { announceDelivery } from './deliveries/announce.js';
import { createAtOnce } from './deliveries/at-once.js';
import { countOpenCircuits } from './deliveries/circuit.repository.js';
import { deliveryRoutes } from './deliveries/delivery.routes.js';
import { createDispatcher } from './deliveries/dispatcher.js';
import { eventHandler } from './deliveries/event.handler.js';
import { LEASE_MARGIN_MS, countLanes } from './deliveries/lane.repository.js';
import { createLimits } from './deliveries/limits.js';
import { notificationHandler } from './deliveries/notification.handler.js';
import { createPlaces } from './deliveries/places.js';
import { startRetention } from './deliveries/retention.js';
import { createSender } from './deliveries/sender.js';
import { groupedFor, workOn, type WorkDeps } from './deliveries/work.js';
import { createSigningKeys } from './signing/signing-keys.js';
import { createRegistry } from './services/registry.js';
import { startReplyListener } from './services/replies.js';
import { serviceRoutes } from './services/service.routes.js';
import { readServices } from './services/services-file.js';
import { createLookout } from './webhooks/lookout.js';
import { createVault } from './webhooks/secret.js';
import { webhookRoutes } from './webhooks/webhook.routes.js';

export interface NotifierPorts {
  readonly bus: Bus;
  readonly log: Logger;
  readonly metrics?: Metrics;
}

/** Events in hand at a time, which share statements. More would only wait for places, and be stored for it. */
const EVENTS_AT_A_TIME = 192;

/** The notifier service: takes events and requests, and delivers, until stopped. */
export async function startNotifier(
  config: NotifierConfig,
  { bus, log, metrics }: NotifierPorts,
): Promise<RunningService> {
  const database = openDatabase<NotifierSchema>({
    url: config.DATABASE_URL,
    applicationName: 'handover-notifier',
    migrations: Object.keys(migrations),
    poolSize: config.DATABASE_POOL,
    log,
  });
  const { db, transact } = database;
  meterConnections(metrics, () => database.connections());
  metrics?.lookUp('handover_delivery_lanes', () => countLanes(db));
  metrics?.lookUp('handover_circuits_open', () => countOpenCircuits(db));
  const policy = { allowLoopback: config.WEBHOOK_ALLOW_LOOPBACK };
  const schedule = config.WEBHOOK_SCHEDULE;
  const vault = createVault(config.WEBHOOK_SECRET_KEY);
  const keys = createSigningKeys(db, vault);
  const sender = createSender({ policy, timeoutMs: config.WEBHOOK_TIMEOUT_MS });
  const configured = readServices(config.SERVICES, process.env);
  const registry = createRegistry(vault, configured);
  const brokers = createBrokers(policy);
  const couriers = createCouriers(policy, brokers);
  const limits = createLimits({ most: config.WEBHOOK_CONCURRENCY_EACH });
  const places = createPlaces(config.WEBHOOK_CONCURRENCY, limits);
  const lookout = createLookout(db, vault);
  const leaseMs = config.WEBHOOK_TIMEOUT_MS + LEASE_MARGIN_MS;
  const work: WorkDeps = {
    db,
    transact,
    log,
    metrics,
    ...groupedFor(transact, schedule),
    places,
    lookout,
    keys,
    sender,
    schedule,
    disableAfterMs: config.WEBHOOK_DISABLE_AFTER_DAYS * 86_400_000,
    registry,
    carry: (message, to, signal) => couriers.carry(message, to, signal),
    serviceSchedule: config.SERVICE_SCHEDULE,
    limits,
    handIn: async (capability, response, traceparent) => {
      const headers = traceparent === null ? {} : { traceparent };
      await ask(bus, replyToNotification, { capability, response }, { headers });
    },
    announce: (lane, delivery) => announceDelivery({ db, bus }, lane, delivery),
  };
  const dispatcher = createDispatcher({
    db,
    log,
    work: (lane, signal) => workOn(work, lane, signal),
    limits,
    places,
    leaseMs,
  });

  const wake = (): void => dispatcher.wake();
  const atOnce = createAtOnce({ ...work, places, leaseMs, wake });
  const onEvent = eventHandler({ lookout, atOnce });
  const onNotification = notificationHandler({ transact, onStored: wake });
  const replies = startReplyListener({ db, log, brokers, registry, configured, onStored: wake });
  const retention = startRetention(db, log, config.DELIVERY_DAYS);
  const verifier = createPrincipalVerifier(bus);
  const changed = (): void => {
    wake();
    replies.refresh();
  };
  const routes = [
    ...webhookRoutes({ db, transact, verifier, vault, keys, policy, changed: wake }),
    ...serviceRoutes({ db, verifier, vault, policy, configured, changed }),
    ...deliveryRoutes({ db, bus, verifier, onReopened: wake }),
  ];
  const registrations = await Promise.all([
    answer(bus, 'notifier', routes, log, metrics, { isAway: isConnectionFailure }),
    bus.consume(NOTIFICATIONS_QUEUE, onNotification),
    bus.subscribe('notifier.webhooks', onEvent, { concurrency: EVENTS_AT_A_TIME }),
  ]);
  dispatcher.start();

  return {
    dependencies: [{ name: 'database', check: () => database.ready() }],
    async stop() {
      await Promise.all(registrations.map((registration) => registration.close()));
      const graceMs = config.STOP_TIMEOUT_MS / 3;
      await Promise.all([atOnce.stop(graceMs), dispatcher.stop(graceMs)]);
      await replies.stop();
      await retention.stop();
      await sender.close();
      await couriers.close();
      await database.close();
    },
  };
}
