/** How much one target takes, from this process. */
export interface Limits {
  /** Most messages under way to a target of which nothing is known. */
  readonly first: number;
  /**
   * Learns a target's limits and takes a place within its rate.
   * @param inHand how many places it has, this one included
   * @returns milliseconds until there is one; 0: taken
   */
  take(
    target: string,
    limits: { readonly concurrency?: number | undefined; readonly rate?: number | undefined },
    inHand: number,
  ): number;
  /** Learns that a message got through to a target, or did not, and how many milliseconds that took. */
  learn(target: string, gotThrough: boolean, tookMs: number): void;
  /**
   * Learns that a message under way to a target takes longer than {@link PROMPT_MS}, before it is known how it ends. Where others get
   * through meanwhile, it is that message, and not the target.
   */
  learnLate(target: string): void;
  /** Targets that are not prompt. */
  readonly slow: ReadonlySet<string>;
  /** Whether the latest message got through to a target within {@link PROMPT_MS}; true of one that nothing is known of. */
  isPrompt(target: string): boolean;
  /** Target → most messages under way, where that is not `first`. */
  readonly concurrency: ReadonlyMap<string, number>;
}

export interface LimitOptions {
  /** Most messages under way to one target, unless it says so itself. */
  readonly most: number;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/** A receiver that answers within this time is worth waiting for. */
export const PROMPT_MS = 200;

/** Places were given before its limit was known: what has one too many comes again after so many milliseconds. */
const TOO_MANY_MS = 10;

/** So many may hang at once before anything is known of their target. */
const FIRST = 2;

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
  const slow = new Set<string>();
  /** When a message last got through in time. */
  const promptAt = new Map<string, number>();

  const set = (target: string, places: number): void => {
    const bounded = Math.max(1, Math.min(places, own.get(target) ?? most));
    if (bounded === first) concurrency.delete(target);
    else concurrency.set(target, bounded);
  };

  return {
    first,
    concurrency,
    slow,
    learnLate(target) {
      if (now() - (promptAt.get(target) ?? -Infinity) > PROMPT_MS) slow.add(target);
    },
    isPrompt: (target) => !slow.has(target),
    learn(target, gotThrough, tookMs) {
      if (gotThrough && tookMs <= PROMPT_MS) {
        slow.delete(target);
        promptAt.set(target, now());
      } else slow.add(target);
      const places = concurrency.get(target) ?? first;
      set(target, gotThrough ? places + 1 : Math.floor(places / 2));
    },
    take(target, limits, inHand) {
      if (limits.concurrency === undefined) own.delete(target);
      else own.set(target, limits.concurrency);
      set(target, concurrency.get(target) ?? first);
      if (inHand > (limits.concurrency ?? Infinity)) return TOO_MANY_MS;
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
