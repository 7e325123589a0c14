import { traced, type Logger, type Metrics } from '@handover/runtime';

export interface Scheduler {
  /** Says that an appointment was committed, so that one before the next look is not late. Never blocks, never throws. */
  expect(dueAt: string): void;
  /** Takes no more timers and waits for those in hand. Idempotent. */
  stop(): Promise<void>;
}

/** What is due names at least whose it is. */
export interface Due {
  readonly tenant: string;
  readonly process: string;
  /** ISO 8601. */
  readonly dueAt: string;
}

export interface SchedulerOptions<D extends Due> {
  /** Takes up to `limit` appointments that are due, for `leaseMs`, passing over those that others have taken. */
  readonly claim: (limit: number, leaseMs: number) => Promise<readonly D[]>;
  readonly log: Logger;
  readonly metrics?: Metrics | undefined;
  /** How often to look when nothing is expected, in milliseconds; finds what other replicas left behind. */
  readonly pollMs: number;
  /**
   * Carries one out. What it throws is logged, and the timer is tried again when its claim runs out.
   * @param traceparent the trace that begins with it, W3C
   */
  readonly fire: (due: D, traceparent: string | undefined) => Promise<void>;
}

/** So many at a time; twice as many are in hand, as the next are claimed while these are carried out. */
const BATCH = 200;
const LEASE_MS = 30_000;

/**
 * Fires timers when they are due: after a restart too, on any replica, each once. The appointments are rows; a claim keeps
 * replicas out of each other's way, and one that died loses its claims.
 */
export function startScheduler<D extends Due>({ claim, log, metrics, pollMs, fire }: SchedulerOptions<D>): Scheduler {
  let stopping = false;
  let nextLook = 0;
  let timer: NodeJS.Timeout | undefined;
  let inHand: Promise<void> | undefined;

  const lookAt = (time: number): void => {
    if (stopping || (timer && nextLook <= time)) return;
    clearTimeout(timer);
    nextLook = time;
    timer = setTimeout(look, Math.max(0, time - Date.now()));
  };

  const look = (): void => {
    timer = undefined;
    inHand ??= drain().finally(() => {
      inHand = undefined;
      lookAt(Date.now() + pollMs);
    });
  };

  const drain = async (): Promise<void> => {
    let fired: Promise<unknown> = Promise.resolve();
    try {
      for (let due = BATCH; due === BATCH && !stopping;) {
        const claimed = await claim(BATCH, LEASE_MS);
        due = claimed.length;
        const before = fired;
        fired = Promise.all(claimed.map((each) => fireOne(each)));
        await before;
      }
    } catch (error) {
      log.error({ err: error }, 'timers cannot be read');
    }
    await fired;
  };

  const fireOne = async (due: D): Promise<void> => {
    metrics?.observe('handover_timer_lateness_seconds', {}, Math.max(0, (Date.now() - Date.parse(due.dueAt)) / 1_000));
    try {
      const span = { parent: undefined, attributes: { 'handover.process': due.process } };
      await traced('timer', span, ({ traceparent }) => fire(due, traceparent));
    } catch (error) {
      log.error({ err: error, processId: due.process, tenant: due.tenant }, 'a timer could not be carried out');
    }
  };

  lookAt(Date.now());
  return {
    expect: (dueAt) => {
      const time = Date.parse(dueAt);
      if (time < Date.now() + pollMs) lookAt(time);
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await inHand;
    },
  };
}
