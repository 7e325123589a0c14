import type { Bus } from '@handover/bus';
import { eventMessageType, eventTopic, type HandoverEvent } from '@handover/contracts';
import type { Logger } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { AuthSchema } from '../database.js';
import { relayOldest } from './outbox.repository.js';

/** Small: the rows of a batch are held while it is published, and keys are issued now and then. */
const BATCH = 20;
const PUBLISH_TIMEOUT_MS = 2_000;

export interface Relay {
  /** Says that an announcement was committed. Never blocks, never throws. */
  wake(): void;
  /** Finishes the batch in hand. */
  stop(): Promise<void>;
}

/**
 * Carries announcements from the outbox to the bus, in order and at least once: after a crash the same again, with the same ids.
 * @param pollMs between two looks when nothing wakes it, or after a failure
 */
export function startRelay(db: Kysely<AuthSchema>, bus: Bus, log: Logger, pollMs: number): Relay {
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let inHand: Promise<void> | undefined;
  let again = false;

  const relay = async (): Promise<void> => {
    try {
      let sent = BATCH;
      while (sent === BATCH && !stopping) {
        const batch = await relayOldest(db, BATCH, (event) => publish(bus, event));
        if (batch.failure !== undefined) throw new Error('the bus did not take it', { cause: batch.failure });
        ({ sent } = batch);
      }
    } catch (error) {
      log.warn({ err: error }, 'announcements of keys were not taken, they will be sent again');
    }
  };

  const run = (): void => {
    clearTimeout(timer);
    if (stopping) return;
    if (inHand) {
      again = true;
      return;
    }
    again = false;
    inHand = relay().finally(() => {
      inHand = undefined;
      if (stopping) return;
      if (again) run();
      else timer = setTimeout(run, pollMs);
    });
  };

  run();
  return {
    wake: run,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await inHand;
    },
  };
}

function publish(bus: Bus, event: HandoverEvent): Promise<void> {
  const headers = { tenant: event.tenantid, contentType: 'application/cloudevents+json' };
  const message = { id: event.id, type: eventMessageType(event.type), key: event.subject, headers, body: event };
  return bus.publish(eventTopic(event), message, { timeoutMs: PUBLISH_TIMEOUT_MS });
}
