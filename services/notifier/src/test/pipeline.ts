import { randomBytes } from 'node:crypto';
import type { Outcome } from '@handover/bus';
import { eventMessageType, type HandoverEvent, type WebhookSigning } from '@handover/contracts';
import { migrate, openDatabase, withTenant, type Database } from '@handover/database';
import { createLogger } from '@handover/runtime';
import { Recording, createTestDatabase } from '@handover/testkit';
import type { Selectable } from 'kysely';
import type { NotifierSchema } from '../database.js';
import type { Destination } from '../couriers/courier.js';
import { createBrokers } from '../couriers/amqp-broker.js';
import { createCouriers } from '../couriers/index.js';
import { createAtOnce, type AtOnce } from '../deliveries/at-once.js';
import { createDispatcher, type Dispatcher, type DispatcherOptions } from '../deliveries/dispatcher.js';
import { eventHandler } from '../deliveries/event.handler.js';
import { createLimits, type Limits } from '../deliveries/limits.js';
import type { Schedule } from '../deliveries/schedule.js';
import { storeDeliveries, type NewDelivery } from '../deliveries/store.js';
import { createPlaces, type Places } from '../deliveries/places.js';
import { createSender, type Sender } from '../deliveries/sender.js';
import { groupedFor, workOn, type WorkDeps } from '../deliveries/work.js';
import { newId } from '../id.js';
import { createSigningKeys, type SigningKeys } from '../signing/signing-keys.js';
import { migrations } from '../migrations/index.js';
import { createLookout, type Lookout } from '../webhooks/lookout.js';
import { createVault, ownerOf } from '../webhooks/secret.js';
import { newWebhookKeys } from '../webhooks/webhook-keys.js';
import { insertWebhook } from '../webhooks/webhook.repository.js';

export interface NotifierDatabase extends Database<NotifierSchema> {
  readonly ownerUrl: string;
  readonly runtimeUrl: string;
}

/** A database with the notifier's schema, opened as the runtime role: what the running service may, and no more. */
export async function notifierDatabase(): Promise<NotifierDatabase> {
  const test = await createTestDatabase({ services: ['notifier'] });
  const { ownerUrl, runtimeUrl } = test.services.notifier;
  await migrate({ url: ownerUrl, schema: 'notifier', migrations });
  const database = openDatabase<NotifierSchema>({ url: runtimeUrl, applicationName: 'notifier-test' });
  return {
    ...database,
    ownerUrl,
    runtimeUrl,
    async close() {
      await database.close();
      await test.drop();
    },
  };
}

export interface Settings {
  readonly schedule?: Schedule;
  readonly timeoutMs?: number;
  readonly leaseMs?: number;
  readonly concurrency?: number;
  readonly each?: number;
  readonly allowLoopback?: boolean;
  readonly disableAfterMs?: number;
}

export interface LogLine {
  readonly msg: string;
  readonly deliveryId?: string;
  readonly webhookId?: string;
}

export const vault = createVault(randomBytes(32));

/** Everything between an event and a receiver, without the bus. Each gets a tenant of its own. */
export class Pipeline {
  readonly tenant = `tenant-${randomBytes(4).toString('hex')}`;
  /** What was logged: a delivery's end is logged after it was committed. */
  readonly log = new Recording<LogLine>('log lines');
  /** Where services are. */
  readonly services = new Map<string, Destination>();
  /** What was handed in at the engine. */
  readonly replies = new Recording<unknown>('replies');
  readonly announced = new Recording<string>('announcements');
  readonly #couriers = createCouriers({ allowLoopback: true }, createBrokers({ allowLoopback: true }));
  readonly #db: NotifierDatabase['db'];
  readonly #transact: NotifierDatabase['transact'];
  readonly #settings: Settings;
  readonly dispatchers: Dispatcher[] = [];
  readonly keys: SigningKeys;
  readonly #sender: Sender;
  #atOnce: AtOnce | undefined;
  readonly #logger = createLogger('notifier', 'debug', {
    write: (line) => this.log.record(JSON.parse(line) as LogLine),
  });

  constructor(database: NotifierDatabase, settings: Settings = {}) {
    this.#db = database.db;
    this.#transact = database.transact;
    this.#settings = settings;
    this.keys = createSigningKeys(database.db, vault);
    this.#sender = createSender({
      policy: { allowLoopback: settings.allowLoopback ?? true },
      timeoutMs: settings.timeoutMs ?? 5_000,
    });
  }

  /** Looks again whenever it is asked. */
  get #lookout(): Lookout {
    return { of: (tenant) => createLookout(this.#db, vault).of(tenant), forget: () => undefined };
  }

  #deps(limits: Limits, places: Places): WorkDeps {
    const { schedule = [0], disableAfterMs = 86_400_000 } = this.#settings;
    return {
      db: this.#db,
      transact: this.#transact,
      log: this.#logger,
      sender: this.#sender,
      ...groupedFor(this.#transact, schedule),
      lookout: this.#lookout,
      keys: this.keys,
      schedule,
      disableAfterMs,
      serviceSchedule: schedule,
      registry: { find: async (_tx, _tenant, name) => this.services.get(name) },
      carry: (message, to, signal) => this.#couriers.carry(message, to, signal),
      limits,
      places,
      handIn: async (_capability, response) => this.replies.record(response),
      announce: async (lane, { id, announce }) => {
        this.announced.record(`${lane.target}:${id}:${announce}`);
      },
    };
  }

  /** What a dispatcher does with a claimed lane. */
  worker(): DispatcherOptions['work'] {
    const limits = createLimits({ most: this.#settings.each ?? 8 });
    const deps = this.#deps(limits, createPlaces(1, limits));
    return (lane, signal) => workOn(deps, lane, signal);
  }

  /** Starts a dispatcher; called again, a second replica. From then on, what is emitted is delivered at once where it can be. */
  start(): Dispatcher {
    const { timeoutMs = 5_000, concurrency = 50, each = 8, leaseMs = timeoutMs + 5_000 } = this.#settings;
    const limits = createLimits({ most: each });
    const places = createPlaces(concurrency, limits);
    const deps = this.#deps(limits, places);
    const dispatcher = createDispatcher({
      db: this.#db,
      log: this.#logger,
      work: (lane, signal) => workOn(deps, lane, signal),
      limits,
      places,
      leaseMs,
    });
    const atOnce = createAtOnce({ ...deps, places, leaseMs, wake: () => this.#wake() });
    const replica: Dispatcher = {
      ...dispatcher,
      stop: async (graceMs) => {
        if (this.#atOnce === atOnce) this.#atOnce = undefined;
        await Promise.all([atOnce.stop(graceMs), dispatcher.stop(graceMs)]);
      },
    };
    replica.start();
    this.dispatchers.push(replica);
    this.#atOnce ??= atOnce;
    return replica;
  }

  #wake(): void {
    for (const dispatcher of this.dispatchers) dispatcher.wake();
  }

  async webhook(
    url: string,
    events: readonly string[] = ['*'],
    signing?: WebhookSigning,
  ): Promise<{ id: string; secret: string; publicKey: string | null }> {
    const id = newId('wh');
    const keys = newWebhookKeys(vault, ownerOf(this.tenant, id), signing === 'v1a');
    await this.inTenant((tx) => insertWebhook(tx, this.tenant, { id, url, events, signing, keys }));
    return { id, secret: keys.secret, publicKey: keys.publicKey };
  }

  /** Hands an event to the handler as the bus would. */
  emit(event: HandoverEvent): Promise<Outcome> {
    const atOnce = this.#atOnce ?? { deliver: (delivery: NewDelivery) => this.#store(delivery) };
    const handle = eventHandler({ lookout: this.#lookout, atOnce });
    const message = { id: event.id, type: eventMessageType(event.type), headers: {}, body: event };
    return handle({ ...message, attempt: 1, signal: new AbortController().signal });
  }

  async #store(delivery: NewDelivery): Promise<void> {
    await storeDeliveries(this.#transact, this.tenant, [delivery], { delayMs: this.#settings.schedule?.[0] ?? 0 });
  }

  /** An event of this tenant about a process. */
  event(process: string, id = newId('msg')): HandoverEvent {
    return {
      specversion: '1.0',
      id,
      source: 'handover/engine',
      type: 'process.started',
      subject: process,
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      tenantid: this.tenant,
      data: { process, title: 'Quote', scenario: { id: 's1', title: 'Quote' }, state: 'initial', etag: 'e1' },
    };
  }

  inTenant<Result>(work: Parameters<typeof withTenant<NotifierSchema, Result>>[2]): Promise<Result> {
    return withTenant(this.#db, this.tenant, work);
  }

  deliveries(): Promise<Selectable<NotifierSchema['deliveries']>[]> {
    return this.inTenant((tx) => tx.selectFrom('deliveries').selectAll().orderBy('position').execute());
  }

  attempts(): Promise<Selectable<NotifierSchema['attempts']>[]> {
    return this.inTenant((tx) => tx.selectFrom('attempts').selectAll().orderBy('started_at').execute());
  }

  lanes(): Promise<Selectable<NotifierSchema['delivery_lanes']>[]> {
    return this.#db.selectFrom('delivery_lanes').selectAll().where('tenant', '=', this.tenant).execute();
  }

  /** The n-th delivery that ended this way. */
  async logged(message: string, n = 1): Promise<void> {
    let seen = 0;
    await this.log.first(({ msg }) => msg === message && ++seen === n);
  }

  async stop(graceMs = 1_000): Promise<void> {
    await Promise.all(this.dispatchers.map((dispatcher) => dispatcher.stop(graceMs)));
    await this.#sender.close();
    await this.#couriers.close();
    // Lanes are everybody's: what a test leaves behind would be worked on by the next one's dispatcher.
    await this.#db.deleteFrom('delivery_lanes').where('tenant', '=', this.tenant).execute();
  }
}
