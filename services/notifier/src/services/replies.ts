import { withTenant } from '@handover/database';
import type { Logger } from '@handover/runtime';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Kysely } from 'kysely';
import { replyQueueOf, awaitsReply, type AmqpService } from '../couriers/amqp.js';
import type { Brokers } from '../couriers/amqp-broker.js';
import { readReply, type Destination } from '../couriers/courier.js';
import type { NotifierSchema } from '../database.js';
import { storeReply } from '../deliveries/delivery.repository.js';
import { serviceTarget, targetOf } from '../targets/target.js';
import type { Registry } from './registry.js';
import type { ConfiguredServices } from './services-file.js';

export interface ReplyListenerDeps {
  readonly db: Kysely<NotifierSchema>;
  readonly log: Logger;
  readonly brokers: Brokers;
  readonly registry: Registry;
  readonly configured: ConfiguredServices;
  /** Called after a reply was committed. */
  readonly onStored: () => void;
}

/** Listens to the reply queues of all services, as they come and go. */
export interface ReplyListener {
  /** The services may have changed. */
  refresh(): void;
  stop(): Promise<void>;
}

/** How often to look for services that came or went at another replica, and for brokers that are back. */
const INTERVAL_MS = 3_000;
const PREFETCH = 50;

/** A queue to listen to. A tenant is named where the queue is one tenant's alone: then no other's delivery is answered by it. */
interface Source {
  readonly tenant: string | undefined;
  readonly to: Destination<AmqpService>;
}

/**
 * A reply is acknowledged once it is committed with its delivery; what becomes of it is the lane's business. Every replica
 * consumes every reply queue, so that replies are shared among them and wait in the broker while none is there.
 */
export function startReplyListener(deps: ReplyListenerDeps): ReplyListener {
  const { log } = deps;
  const open = new Map<string, Channel>();
  let stopping = false;
  let working: Promise<void> = Promise.resolve();

  const listen = async (key: string, source: Source): Promise<void> => {
    const { config, trusted } = source.to;
    const model = await deps.brokers.connection(config.url, trusted);
    const channel = await model.createChannel();
    channel.on('error', (error: Error) => log.warn({ err: error, service: source.to.name }, 'a reply queue failed'));
    channel.on('close', () => open.delete(key));
    open.set(key, channel);
    const queue = replyQueueOf(source.tenant, source.to);
    await channel.assertQueue(queue, { durable: true });
    await channel.prefetch(PREFETCH);
    await channel.consume(queue, (message) => {
      if (message) void take(deps, channel, source, message);
    });
  };

  const sync = async (): Promise<void> => {
    const sources = await sourcesOf(deps);
    for (const [key, channel] of open) {
      if (!sources.has(key)) await channel.close().catch(() => undefined);
    }
    for (const [key, source] of sources) {
      if (stopping || open.has(key)) continue;
      await listen(key, source).catch((error: unknown) => {
        open.delete(key);
        log.warn({ err: error, service: source.to.name }, 'a reply queue cannot be listened to');
      });
    }
  };

  const refresh = (): void => {
    if (stopping) return;
    working = working
      .then(sync)
      .catch((error: unknown) => log.warn({ err: error }, 'reply queues cannot be looked up'));
  };

  refresh();
  const timer = setInterval(refresh, INTERVAL_MS);
  return {
    refresh,
    async stop() {
      stopping = true;
      clearInterval(timer);
      await working;
      await Promise.all([...open.values()].map((channel) => channel.close().catch(() => undefined)));
    },
  };
}

async function sourcesOf({ db, registry, configured }: ReplyListenerDeps): Promise<Map<string, Source>> {
  const sources = new Map<string, Source>();
  const add = (tenant: string | undefined, to: Destination | undefined): void => {
    if (to?.config.provider !== 'amqp' || !awaitsReply(to.config)) return;
    const source = { tenant, to: { ...to, config: to.config } };
    sources.set(JSON.stringify([tenant, to.name, to.trusted, to.config]), source);
  };
  for (const [name, config] of configured.shared) add(undefined, { name, config, trusted: true });
  for (const tenant of configured.tenants) {
    for (const [name, config] of configured.of(tenant)) {
      if (configured.shared.get(name) !== config) add(undefined, { name, config, trusted: true });
    }
  }
  for (const { tenant, name } of await db.selectFrom('reply_queues').selectAll().execute()) {
    add(tenant, await withTenant(db, tenant, (tx) => registry.find(tx, tenant, name)));
  }
  return sources;
}

async function take(deps: ReplyListenerDeps, channel: Channel, source: Source, message: ConsumeMessage): Promise<void> {
  const settle = (how: (channel: Channel) => void): void => {
    try {
      how(channel);
    } catch {
      // The channel is closed: the broker gives the message to somebody else.
    }
  };
  try {
    const isKnown = await store(deps, source, message);
    if (isKnown) deps.onStored();
    else {
      const correlationId: unknown = message.properties.correlationId;
      deps.log.warn({ service: source.to.name, correlationId }, 'a reply to nothing that was asked is dropped');
    }
    settle((open) => (isKnown ? open.ack(message) : open.nack(message, false, false)));
  } catch (error) {
    deps.log.warn({ err: error, service: source.to.name }, 'a reply cannot be stored now');
    setTimeout(() => settle((open) => open.nack(message, false, true)), 500).unref();
  }
}

/** @returns false when it answers nothing that this service was asked */
async function store({ db }: ReplyListenerDeps, { tenant: only, to }: Source, { properties, content }: ConsumeMessage) {
  const id = String(properties.correlationId ?? '');
  const awaited = await db.selectFrom('awaited_replies').selectAll().where('delivery_id', '=', id).executeTakeFirst();
  if (!awaited) return isAnswered(db, only, id);
  const { tenant, target } = awaited;
  if ((only !== undefined && only !== tenant) || target !== serviceTarget(tenant, to.name)) return false;
  const value = replyOf(content.toString('utf8'), String(properties.contentType ?? ''));
  await withTenant(db, tenant, (tx) => storeReply(tx, { tenant, target, id, value }));
  return true;
}

/** A second answer to what was answered is nothing to wonder about. */
async function isAnswered(db: Kysely<NotifierSchema>, tenant: string | undefined, id: string): Promise<boolean> {
  if (tenant === undefined) return id.startsWith('ntf_');
  const found = await withTenant(db, tenant, (tx) =>
    tx.selectFrom('deliveries').select('target').where('id', '=', id).executeTakeFirst(),
  );
  return found !== undefined && targetOf(tenant, found.target).kind === 'service';
}

/** JSON iff the content type says so (engine-service §8.4); what says so and is not is kept as text, and refused by the process. */
function replyOf(text: string, contentType: string): { value?: unknown } {
  try {
    return readReply(text, contentType === 'application/json') ?? {};
  } catch {
    return { value: text };
  }
}
