import type { Bus } from '@handover/bus';
import { eventMessageType } from '@handover/contracts';
import type { Logger } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { claimFromOutbox, removeFromOutbox, returnToOutbox, type OutboxEntry } from './outbox.repository.js';

export interface Relay {
  /** Says that entries were committed. Never blocks, never throws. */
  wake(): void;
  /** Finishes the batch in hand. Idempotent. */
  stop(): Promise<void>;
}

const BATCH = 100;
const PUBLISH_TIMEOUT_MS = 5_000;
/** Longer than a publish may take, so that a live relay never loses its claim. */
const LEASE_MS = 3 * PUBLISH_TIMEOUT_MS;
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 10_000;

/**
 * Carries announcements from the outbox to the bus: at least once, in order per process, different processes side by side.
 * What cannot be handed over is tried again with growing delays; it holds back its own process only.
 */
export function startRelay(db: Kysely<EngineSchema>, bus: Bus, log: Logger, pollMs: number): Relay {
  let stopping = false;
  let awake = false;
  let rouse: () => void = () => undefined;

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

  const run = async (): Promise<void> => {
    while (!stopping) {
      awake = false;
      try {
        const entries = await claimFromOutbox(db, BATCH, LEASE_MS);
        await Promise.all(byProcess(entries).map((queue) => relayInOrder(queue)));
        if (entries.length === BATCH) continue;
      } catch (error) {
        log.error({ err: error }, 'the outbox cannot be relayed');
      }
      await sleep();
    }
  };

  const relayInOrder = async (queue: readonly OutboxEntry[]): Promise<void> => {
    const sent: number[] = [];
    try {
      for (const entry of queue) {
        await publish(bus, entry);
        sent.push(entry.seq);
      }
    } catch (error) {
      const attempts = queue[sent.length]?.attempts ?? 1;
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), LONGEST_DELAY_MS);
      log.warn({ err: error, attempts, delayMs }, 'an announcement was not taken, it will be sent again');
      const unsent = queue.slice(sent.length).map(({ seq }) => seq);
      await returnToOutbox(db, unsent, delayMs);
    }
    if (sent.length > 0) await removeFromOutbox(db, sent);
  };

  const running = run();
  return {
    wake() {
      awake = true;
      rouse();
    },
    stop() {
      stopping = true;
      rouse();
      return running;
    },
  };
}

function publish(bus: Bus, { topic, event }: OutboxEntry): Promise<void> {
  const headers = { tenant: event.tenantid, contentType: 'application/cloudevents+json' };
  const message = { id: event.id, type: eventMessageType(event.type), key: event.subject, headers, body: event };
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
