const FIRST_MS = 100;
const MOST_MS = 30_000;

/**
 * Exponential wait before a delivery is tried again: about 100 ms after the first failure, doubling up to 30 s.
 * Half of it is random, so that what failed together does not come back together.
 * @param failures how often it failed, from 1
 */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return ceiling / 2 + (random() * ceiling) / 2;
}
