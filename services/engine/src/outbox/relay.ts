import { JsonText, type Bus } from '@handover/bus';
import { NOTIFICATIONS_QUEUE, NOTIFICATION_TYPE, eventMessageType, type SentNotification } from '@handover/contracts';
import type { Database } from '@handover/database';
import { traced, type Logger, type Metrics } from '@handover/runtime';
import { randomUUID } from 'node:crypto';
import type { EngineSchema } from '../database.js';
import type { Capabilities } from '../notifications/capability.js';
import { everyTenantScope } from '../every-tenant.js';
import {
  claimFromOutbox,
  oldestInOutbox,
  removeFromOutbox,
  returnToOutbox,
  type OutboxEntry,
  type Outgoing,
} from './outbox.repository.js';

export interface Relay {
  /** Names this relay in the entries it has taken. */
  readonly id: string;
  /** How long an entry taken from now on is this relay's, in milliseconds; undefined when it has enough to carry. */
  readonly lease: () => number | undefined;
  /** Carries entries that were committed as taken by this relay; see `announceAndTake`. Never blocks, never throws. */
  carry(entries: readonly OutboxEntry[], takenAt: number): void;
  /** Says that entries were committed which nobody has taken. Never blocks, never throws. */
  wake(): void;
  /** Finishes what is in hand. Idempotent. */
  stop(): Promise<void>;
}

export interface RelayOptions {
  readonly database: Pick<Database<EngineSchema>, 'db' | 'transact'>;
  readonly bus: Bus;
  readonly log: Logger;
  readonly metrics?: Metrics | undefined;
  /** Signs the right to answer a notification. */
  readonly capabilities: Capabilities;
  /** How often to look when nothing wakes it, in milliseconds. */
  readonly pollMs: number;
}

const BATCH = 100;
const PUBLISH_TIMEOUT_MS = 5_000;
/** Longer than a publish may take, so that a live relay never loses its claim. */
const LEASE_MS = 3 * PUBLISH_TIMEOUT_MS;
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 10_000;
/** Processes whose entries are in memory; the others wait in their table. */
const MOST_CARRIED = 5_000;
/** What was handed over is removed so much later, together. */
const REMOVE_AFTER_MS = 100;
/** Longer than a transaction takes that saw an entry as this relay's before it was given back. */
const DISTRUST_MS = 60_000;

/** An entry in hand, and until when it is ours; `performance.now()`. */
interface Carried extends OutboxEntry {
  readonly until: number;
}

/**
 * Carries announcements from the outbox to the bus: at least once, in order per process, different processes side by side.
 * Most come straight from the transaction that made them; what another replica left, or could not be handed over, is
 * claimed from the table. What cannot be handed over is tried again with growing delays; it holds back its own process only.
 */
export function startRelay({ database, bus, log, metrics, capabilities, pollMs }: RelayOptions): Relay {
  const { db, transact } = database;
  const id = randomUUID();
  /** What waits, by process; the first is being published. */
  const lanes = new Map<string, Carried[]>();
  /** Processes whose entries were given back, and until when new ones may overtake those. */
  const distrusted = new Map<string, number>();
  const busy = new Set<Promise<void>>();
  let sent: number[] = [];
  let removal: NodeJS.Timeout | undefined;
  let stopping = false;
  let awake = false;
  let rouse: () => void = () => undefined;

  const track = (work: Promise<void>): void => {
    const tracked = work
      .catch((error: unknown) => log.error({ err: error }, 'the outbox cannot be kept'))
      .finally(() => busy.delete(tracked));
    busy.add(tracked);
  };

  const remove = async (): Promise<void> => {
    clearTimeout(removal);
    removal = undefined;
    const seqs = sent;
    sent = [];
    if (seqs.length === 0) return;
    metrics?.count('handover_outbox_published_total', {}, seqs.length);
    await transact(everyTenantScope, removeFromOutbox(seqs));
  };

  const handedOver = (seq: number): void => {
    sent.push(seq);
    removal ??= setTimeout(() => track(remove()), REMOVE_AFTER_MS);
  };

  /** Publishes entries of one process in their order until none is left, or one fails: then the rest is given back. */
  const empty = async (lane: Carried[], begin: () => void): Promise<void> => {
    for (let entry = lane[0]; entry; entry = lane[0]) {
      try {
        begin();
        if (entry.until - PUBLISH_TIMEOUT_MS < performance.now()) throw new Error('the claim runs out');
        await handOver(bus, capabilities, entry);
      } catch (error) {
        const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (entry.attempts - 1), LONGEST_DELAY_MS);
        log.warn(
          { err: error, attempts: entry.attempts, delayMs },
          'an announcement was not taken, it will be sent again',
        );
        forsake(entry.process, lane);
        await returnToOutbox(db, lane, delayMs);
        return;
      }
      lane.shift();
      handedOver(entry.seq);
    }
  };

  /** Carries one process's entries from memory. Others may join them meanwhile. */
  const run = async (process: string, lane: Carried[]): Promise<void> => {
    await empty(lane, () => {
      if ((distrusted.get(process) ?? 0) > performance.now()) throw new Error('earlier ones were given back');
    });
    if (lanes.get(process) === lane) lanes.delete(process);
  };

  /** From now on what comes for a process from memory is given back too: it must not overtake what was. */
  const forsake = (process: string, lane: Carried[]): void => {
    const now = performance.now();
    for (const [other, until] of distrusted) if (until < now) distrusted.delete(other);
    distrusted.set(process, now + DISTRUST_MS);
    if (lanes.get(process) === lane) lanes.delete(process);
  };

  const carry = (entries: readonly OutboxEntry[], takenAt: number): void => {
    for (const entry of entries) {
      const carriedEntry = { ...entry, until: takenAt + LEASE_MS };
      const lane = lanes.get(entry.process);
      if (lane) {
        lane.push(carriedEntry);
        continue;
      }
      const started = [carriedEntry];
      lanes.set(entry.process, started);
      track(run(entry.process, started));
    }
  };

  const sleep = (): Promise<void> =>
    new Promise((resolve) => {
      if (awake || stopping) {
        resolve();
        return;
      }
      const timer = setTimeout(resolve, pollMs);
      rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** Entries that nobody carries. Their order is the table's: what is claimed here is never carried from memory as well. */
  const poll = async (): Promise<void> => {
    while (!stopping) {
      awake = false;
      try {
        const claimedAt = performance.now();
        const entries = await claimFromOutbox(db, BATCH, LEASE_MS);
        const until = claimedAt + LEASE_MS;
        await Promise.all(
          byProcess(entries).map((queue) =>
            empty(
              queue.map((entry) => ({ ...entry, until })),
              () => undefined,
            ),
          ),
        );
        await remove();
        if (entries.length > 0) continue;
      } catch (error) {
        log.error({ err: error }, 'the outbox cannot be relayed');
      }
      await sleep();
    }
  };

  metrics?.lookUp('handover_outbox_lag_seconds', async () => {
    const since = await oldestInOutbox(db);
    return since === undefined ? 0 : Math.max(0, (Date.now() - since) / 1_000);
  });

  const polling = poll();
  return {
    id,
    lease: () => (lanes.size < MOST_CARRIED && !stopping ? LEASE_MS : undefined),
    carry,
    wake() {
      awake = true;
      rouse();
    },
    async stop() {
      stopping = true;
      rouse();
      await polling;
      while (busy.size > 0) await Promise.all(busy);
      await remove().catch((error: unknown) =>
        log.warn({ err: error }, 'what was handed over will be announced again'),
      );
    },
  };
}

function handOver(bus: Bus, capabilities: Capabilities, { outgoing }: OutboxEntry): Promise<void> {
  const { traceparent: parent } = outgoing.kind === 'notification' ? outgoing.notification : outgoing.event;
  return traced('outbox', { kind: 'producer', parent }, (own) => send(bus, capabilities, outgoing, own.traceparent));
}

async function send(
  bus: Bus,
  capabilities: Capabilities,
  outgoing: Outgoing,
  traceparent: string | undefined,
): Promise<void> {
  const trace = traceparent === undefined ? {} : { traceparent };
  if (outgoing.kind === 'notification') {
    const { notification } = outgoing;
    const body: SentNotification = { ...notification, capability: await capabilities.sign(notification) };
    const { id, tenant, process: key } = notification;
    const headers = { tenant, ...trace };
    const message = { id, type: NOTIFICATION_TYPE, key, headers, body };
    return bus.send(NOTIFICATIONS_QUEUE, message, { timeoutMs: PUBLISH_TIMEOUT_MS });
  }
  const { topic, event, text } = outgoing;
  const headers = { tenant: event.tenantid, contentType: 'application/cloudevents+json', ...trace };
  const message = {
    id: event.id,
    type: eventMessageType(event.type),
    key: event.subject,
    headers,
    body: new JsonText(text),
  };
  return bus.publish(topic, message, { timeoutMs: PUBLISH_TIMEOUT_MS });
}

function byProcess(entries: readonly OutboxEntry[]): OutboxEntry[][] {
  const queues = new Map<string, OutboxEntry[]>();
  for (const entry of entries) {
    const queue = queues.get(entry.process);
    if (queue) queue.push(entry);
    else queues.set(entry.process, [entry]);
  }
  return [...queues.values()];
}
