/** How much one target takes, from this process. */
export interface Limits {
  /** Most messages under way to a target of which nothing is known. */
  readonly first: number;
  /** Learns a target's limits and takes a place within its rate. @returns milliseconds until there is one; 0: taken */
  take(
    target: string,
    limits: { readonly concurrency?: number | undefined; readonly rate?: number | undefined },
  ): number;
  /** Learns that a message got through to a target, or did not. */
  learn(target: string, gotThrough: boolean): void;
  /** Target → most messages under way, where that is not `first`. */
  readonly concurrency: ReadonlyMap<string, number>;
}

export interface LimitOptions {
  /** Most messages under way to one target, unless it says so itself. */
  readonly most: number;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/** So many may hang at once before anything is known of their target. */
const FIRST = 4;

/**
 * A target's places grow by one with each message that gets through, and halve with each that does not: a receiver that hangs
 * never holds many, so that any number of them leave room for the others. Its rate is kept by spacing messages evenly, none saved up.
 */
export function createLimits({ most, now = () => performance.now() }: LimitOptions): Limits {
  const first = Math.min(FIRST, most);
  const concurrency = new Map<string, number>();
  /** What targets say themselves. */
  const own = new Map<string, number>();
  const nextAt = new Map<string, number>();

  const set = (target: string, places: number): void => {
    const bounded = Math.max(1, Math.min(places, own.get(target) ?? most));
    if (bounded === first) concurrency.delete(target);
    else concurrency.set(target, bounded);
  };

  return {
    first,
    concurrency,
    learn(target, gotThrough) {
      const places = concurrency.get(target) ?? first;
      set(target, gotThrough ? places + 1 : Math.floor(places / 2));
    },
    take(target, limits) {
      if (limits.concurrency === undefined) own.delete(target);
      else own.set(target, limits.concurrency);
      set(target, concurrency.get(target) ?? first);
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
