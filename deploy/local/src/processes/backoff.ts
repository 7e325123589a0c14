/** How long to wait before the next try: twice as long each time, up to a limit, and short again after a good while. */
export interface BackoffTimes {
  readonly firstMs: number;
  readonly longestMs: number;
  /** Running this long counts as well: the next wait is the first one again. */
  readonly stableMs: number;
}

export const RESTART: BackoffTimes = { firstMs: 250, longestMs: 15_000, stableMs: 30_000 };

export class Backoff {
  readonly #times: BackoffTimes;
  #next: number;

  constructor(times: BackoffTimes) {
    this.#times = times;
    this.#next = times.firstMs;
  }

  /** @param ranMs how long it ran before it ended. @returns how long to wait, in milliseconds */
  after(ranMs: number): number {
    if (ranMs >= this.#times.stableMs) this.#next = this.#times.firstMs;
    const wait = this.#next;
    this.#next = Math.min(wait * 2, this.#times.longestMs);
    return wait;
  }
}
