import type { Bus } from '@handover/bus';
import { HandoverError, PROCESS_CHANGES, processChangesSchema } from '@handover/contracts';

/** A process somebody waits for. */
export interface Watch {
  /**
   * Resolves when the process was changed since the watch began, or since this was last called; when it is time to look
   * without a hint, or after `ms`, whichever is first; and at once when the watch is closed.
   */
  readonly changed: (ms: number) => Promise<void>;
  readonly isClosed: boolean;
  /** Wakes who waits. Idempotent. */
  readonly close: () => void;
}

/** Everybody who waits for a process here. One listener wakes them all, and nothing is asked on their behalf. */
export interface Watches {
  /**
   * Looks are to be made after the watch began, so that no change is missed between.
   * @param signal closes the watch: the caller has gone
   * @throws HandoverError `unavailable` or `rate_limited` when too many wait, here or of the tenant
   */
  watch(tenant: string, process: string, signal?: AbortSignal): Watch;
  /** Closes all watches, and every later one. */
  close(): Promise<void>;
}

export interface WatchLimits {
  readonly most: number;
  readonly mostOfTenant: number;
  /** Time between looks without a hint, in milliseconds. */
  readonly lookEveryMs: number;
}

/** What a caller who comes too many is told to wait, in seconds. */
const RETRY_AFTER = 5;

interface Waiter extends Watch {
  readonly wake: () => void;
}

export function createWatches(bus: Pick<Bus, 'listen'>, limits: WatchLimits): Watches {
  const byProcess = new Map<string, Set<Waiter>>();
  const ofTenant = new Map<string, number>();
  let open = 0;
  let isClosed = false;

  const listening = bus.listen(PROCESS_CHANGES.channel, ({ body }) => {
    const told = processChangesSchema.safeParse(body);
    if (!told.success) return;
    for (const { tenant, process } of told.data.changes) {
      for (const waiter of byProcess.get(`${tenant}/${process}`) ?? []) waiter.wake();
    }
  });
  // A bus that cannot listen is no reason to fail: those who wait look by themselves.
  listening.catch(() => undefined);

  const count = (tenant: string, by: 1 | -1): void => {
    open += by;
    const left = (ofTenant.get(tenant) ?? 0) + by;
    if (left === 0) ofTenant.delete(tenant);
    else ofTenant.set(tenant, left);
  };

  return {
    watch(tenant, process, signal) {
      if (isClosed) throw new HandoverError('unavailable', 'The gateway is stopping', { retryAfter: 1 });
      if (open >= limits.most) {
        throw new HandoverError('unavailable', 'Too many wait for processes here', { retryAfter: RETRY_AFTER });
      }
      if ((ofTenant.get(tenant) ?? 0) >= limits.mostOfTenant) {
        const detail = 'Too many of this tenant wait for processes';
        throw new HandoverError('rate_limited', detail, { retryAfter: RETRY_AFTER });
      }
      const key = `${tenant}/${process}`;
      const waiters = byProcess.get(key) ?? new Set();
      const waiter = createWaiter(limits.lookEveryMs, () => {
        signal?.removeEventListener('abort', waiter.close);
        count(tenant, -1);
        waiters.delete(waiter);
        if (waiters.size === 0) byProcess.delete(key);
      });
      byProcess.set(key, waiters.add(waiter));
      count(tenant, 1);
      if (signal?.aborted === true) waiter.close();
      else signal?.addEventListener('abort', waiter.close);
      return waiter;
    },
    async close() {
      isClosed = true;
      for (const waiters of byProcess.values()) for (const waiter of waiters) waiter.close();
      await (await listening.catch(() => undefined))?.close();
    },
  };
}

function createWaiter(lookEveryMs: number, closed: () => void): Waiter {
  let isStale = false;
  let isClosed = false;
  let awaken: (() => void) | undefined;
  return {
    get isClosed() {
      return isClosed;
    },
    wake() {
      isStale = true;
      awaken?.();
    },
    async changed(ms) {
      if (!isStale && !isClosed) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(0, Math.min(ms, lookEveryMs)));
          awaken = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        awaken = undefined;
      }
      isStale = false;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      closed();
      awaken?.();
    },
  };
}

/**
 * Looks at a process until it is as somebody waits for it, or the time is over; once in any case.
 * @param look the caller's rights are to be looked at, too: they may be gone by then
 * @returns what was seen last
 */
export async function lookUntil<T>(
  watch: Watch,
  { seconds, look, isThere }: { seconds: number; look: () => Promise<T>; isThere: (seen: T) => boolean },
): Promise<T> {
  const until = performance.now() + seconds * 1_000;
  try {
    for (;;) {
      const seen = await look();
      const left = until - performance.now();
      if (isThere(seen) || left <= 0 || watch.isClosed) return seen;
      await watch.changed(left);
    }
  } finally {
    watch.close();
  }
}
