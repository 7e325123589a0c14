/** So many requests per window, that many at once at most: what is unused comes back steadily. */
export interface Rate {
  readonly limit: number;
  readonly windowSeconds: number;
}

/** What is left of a bucket after a request was counted, or was not because nothing was left. */
export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  /** Whole requests left. */
  readonly remaining: number;
  /** Seconds until the bucket is full again. */
  readonly resetSeconds: number;
  /** Seconds until one more request is allowed; 0 while some are. */
  readonly retrySeconds: number;
}

/** Token buckets by name, such as the id of a key. Full ones are forgotten. */
export interface TokenBuckets {
  /** Counts one request, unless none is left. */
  take(name: string): Allowance;
  /** What a request would find, without counting it. */
  look(name: string): Allowance;
}

interface Level {
  level: number;
  at: number;
}

/** Names kept before those with full buckets are looked for. */
const SWEEP_AT = 10_000;

/** @param now a clock that never goes back, in milliseconds */
export function createTokenBuckets(rate: Rate, now: () => number = () => performance.now()): TokenBuckets {
  const perMs = rate.limit / (rate.windowSeconds * 1_000);
  const buckets = new Map<string, Level>();
  let sweepAt = SWEEP_AT;

  const levelOf = (name: string): number => {
    const bucket = buckets.get(name);
    return bucket ? Math.min(rate.limit, bucket.level + (now() - bucket.at) * perMs) : rate.limit;
  };
  const sweep = (): void => {
    for (const name of buckets.keys()) if (levelOf(name) >= rate.limit) buckets.delete(name);
    // Those that are in use stay, however many they are; looking again at once would find the same.
    sweepAt = Math.max(SWEEP_AT, buckets.size * 2);
  };
  const allowance = (level: number, allowed: boolean): Allowance => ({
    allowed,
    limit: rate.limit,
    remaining: Math.floor(level),
    resetSeconds: Math.ceil((rate.limit - level) / perMs / 1_000),
    retrySeconds: level >= 1 ? 0 : Math.max(1, Math.ceil((1 - level) / perMs / 1_000)),
  });

  return {
    take(name) {
      const level = levelOf(name);
      if (level < 1) return allowance(level, false);
      if (buckets.size >= sweepAt) sweep();
      buckets.set(name, { level: level - 1, at: now() });
      return allowance(level - 1, true);
    },
    look(name) {
      const level = levelOf(name);
      return allowance(level, level >= 1);
    },
  };
}
