import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Default 10,000. */
  readonly withinMs?: number;
  /** Pause between two looks; default 20. */
  readonly everyMs?: number;
}

/**
 * For states that send no signal, such as a row another process writes: looks again and again until `check` stops throwing.
 * Where something can be recorded, a {@link Recording} is better: it waits for the event itself.
 * @returns what `check` returned
 * @throws the last error of `check` when time is up
 */
export async function eventually<Result>(
  check: () => Result | Promise<Result>,
  { withinMs = 10_000, everyMs = 20 }: EventuallyOptions = {},
): Promise<Result> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await delay(everyMs);
  }
}
