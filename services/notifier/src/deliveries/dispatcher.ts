import type { Logger } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { createAlarm } from './alarm.js';
import { claimLanes, untilNextDue, type ClaimedLane } from './lane.repository.js';

export interface DispatcherOptions {
  readonly db: Kysely<NotifierSchema>;
  readonly log: Logger;
  /** Works on one claimed lane; when it rejects, the lane becomes due again with its lease. */
  readonly work: (lane: ClaimedLane, signal: AbortSignal) => Promise<void>;
  /** Most lanes in hand. */
  readonly concurrency: number;
  /** Most lanes of one target in hand. */
  readonly each: number;
  /** Target → most lanes of it in hand, where it says so itself. */
  readonly limits?: ReadonlyMap<string, number>;
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

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { db, log, concurrency, each, limits = new Map<string, number>(), leaseMs } = options;
  const alarm = createAlarm();
  const aborter = new AbortController();
  const tasks = new Set<Promise<void>>();
  const inHand = new Map<string, number>();
  let loop: Promise<void> | undefined;
  let stopping = false;

  const count = (target: string, change: 1 | -1): void => {
    const next = (inHand.get(target) ?? 0) + change;
    if (next === 0) inHand.delete(target);
    else inHand.set(target, next);
  };

  const take = (lane: ClaimedLane): void => {
    count(lane.target, 1);
    const task = options
      .work(lane, aborter.signal)
      .catch((error: unknown) => log.error({ err: error, ...lane }, 'a delivery could not be worked on'))
      .finally(() => {
        tasks.delete(task);
        count(lane.target, -1);
        alarm.ring();
      });
    tasks.add(task);
  };

  /** Takes what is due and there is room for. @returns milliseconds until there may be more to take */
  const dispatch = async (): Promise<number> => {
    const room = concurrency - tasks.size;
    if (room === 0) return POLL_MS;
    const lanes = await claimLanes(db, { room, each, limits, inHand, leaseMs });
    lanes.forEach(take);
    if (lanes.length > 0) return 0;
    const busy = [...inHand]
      .filter(([target, lanesInHand]) => lanesInHand >= (limits.get(target) ?? each))
      .map(([target]) => target);
    return Math.min((await untilNextDue(db, busy)) ?? POLL_MS, POLL_MS);
  };

  const run = async (): Promise<void> => {
    while (!stopping) {
      const pause = await dispatch().catch((error: unknown) => {
        log.warn({ err: error }, 'due deliveries cannot be looked up');
        return PAUSE_AFTER_FAILURE_MS;
      });
      await alarm.wait(pause);
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
