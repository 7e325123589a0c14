import type { Logger } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createAlarm } from './alarm.js';
import { claimLanes, untilNextDue, type ClaimedLane } from './lane.repository.js';
import type { Limits } from './limits.js';
import type { Places } from './places.js';

export interface DispatcherOptions {
  readonly db: Kysely<NotifierSchema>;
  readonly log: Logger;
  /** Works on one claimed lane; when it rejects, the lane becomes due again with its lease. */
  readonly work: (lane: ClaimedLane, signal: AbortSignal) => Promise<void>;
  /** How many lanes may be in hand, and how many of a target. */
  readonly limits: Pick<Limits, 'first' | 'concurrency' | 'slow'>;
  readonly places: Places;
  /** How long a claimed lane is ours; longer than `work` takes. */
  readonly leaseMs: number;
}

/**
 * Hands due lanes to `work`, as many at a time as the limits allow. Sleeps until the next lane is due, until `wake`, or for
 * POLL_MS: what another replica left behind is found by that.
 */
export interface Dispatcher {
  start(): void;
  /** Something new may be due. */
  wake(): void;
  /** Claims no more, gives the work in hand `graceMs` to finish, then aborts it. Idempotent. */
  stop(graceMs: number): Promise<void>;
}

const POLL_MS = 5_000;
const PAUSE_AFTER_FAILURE_MS = 1_000;
/** Between two claims: what becomes due or free meanwhile shares the next. */
const CLAIMS_APART_MS = 10;
/** Attempts at targets that are not prompt, begun with one claim: what hangs and was begun together would time out together. */
const SLOW_TOGETHER = 4;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { db, log, limits, places, leaseMs } = options;
  const alarm = createAlarm();
  const aborter = new AbortController();
  // Every attempt under way listens.
  setMaxListeners(0, aborter.signal);
  const tasks = new Set<Promise<void>>();
  let loop: Promise<void> | undefined;
  let stopping = false;

  const take = (lane: ClaimedLane): void => {
    const leave = places.take(lane.target);
    const task = options
      .work(lane, aborter.signal)
      .catch((error: unknown) => log.error({ err: error, ...lane }, 'a delivery could not be worked on'))
      .finally(() => {
        tasks.delete(task);
        leave();
        alarm.ring();
      });
    tasks.add(task);
  };

  /** Takes what is due and there is room for. @returns milliseconds until there may be more to take */
  const dispatch = async (): Promise<number> => {
    const room = places.free;
    if (room <= 0) return POLL_MS;
    const { inHand } = places;
    const slow = { targets: limits.slow, room: Math.min(places.freeForSlow, SLOW_TOGETHER) };
    const lanes = await claimLanes(db, { room, each: limits.first, limits: limits.concurrency, inHand, slow, leaseMs });
    lanes.forEach(take);
    if (lanes.length > 0) return 0;
    return Math.min((await untilNextDue(db, places.full())) ?? POLL_MS, POLL_MS);
  };

  const run = async (): Promise<void> => {
    while (!stopping) {
      const pause = await dispatch().catch((error: unknown) => {
        log.warn({ err: error }, 'due deliveries cannot be looked up');
        return PAUSE_AFTER_FAILURE_MS;
      });
      const apart = delay(CLAIMS_APART_MS);
      await alarm.wait(pause);
      await apart;
    }
  };

  return {
    start: () => void (loop ??= run()),
    wake: () => alarm.ring(),
    async stop(graceMs) {
      stopping = true;
      alarm.ring();
      const timer = setTimeout(() => aborter.abort(), graceMs);
      await loop;
      await Promise.all(tasks);
      clearTimeout(timer);
    },
  };
}
