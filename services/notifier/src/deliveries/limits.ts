/** How much one target takes, from this process. */
export interface Limits {
  /** Learns a target's limits and takes a place within its rate. @returns milliseconds until there is one; 0: taken */
  take(
    target: string,
    limits: { readonly concurrency?: number | undefined; readonly rate?: number | undefined },
  ): number;
  /** Target → most messages under way, where it says so. */
  readonly concurrency: ReadonlyMap<string, number>;
}

/**
 * Spaces messages to each target evenly: `rate` per second, none saved up.
 * @param now milliseconds, monotonic
 */
export function createLimits(now: () => number = () => performance.now()): Limits {
  const concurrency = new Map<string, number>();
  const nextAt = new Map<string, number>();
  return {
    concurrency,
    take(target, limits) {
      if (limits.concurrency === undefined) concurrency.delete(target);
      else concurrency.set(target, limits.concurrency);
      if (limits.rate === undefined) {
        nextAt.delete(target);
        return 0;
      }
      const time = now();
      const at = nextAt.get(target) ?? time;
      if (at > time) return Math.ceil(at - time);
      nextAt.set(target, time + 1_000 / limits.rate);
      return 0;
    },
  };
}
