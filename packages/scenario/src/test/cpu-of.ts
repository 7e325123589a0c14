/** Few are needed on a quiet machine; on a busy one a run pays for what the others do to its caches. */
const MOST_RUNS = 10;
/** Cheap enough that another run would tell nothing new, in ms. */
const CHEAP = 20;

/**
 * What hostile work may cost, in ms of CPU. Its budget is 50 on a quiet machine; the caches of a busy one double that. Work without
 * bounds costs seconds.
 */
export const MOST_CPU = 100;

/**
 * Measures what work costs: errors count as an end like any other.
 *
 * @returns Milliseconds of CPU, user and system: the best of several runs, because the first ones compile code.
 */
export function cpuOf(work: () => unknown): number {
  let best = Infinity;
  for (let run = 0; run < MOST_RUNS && best > CHEAP; run++) best = Math.min(best, once(work));
  return best;
}

function once(work: () => unknown): number {
  const start = process.cpuUsage();
  try {
    work();
  } catch {
    // Hostile input is meant to fail; how it does is asserted elsewhere.
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
