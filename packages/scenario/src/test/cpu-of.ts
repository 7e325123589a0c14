/**
 * Measures what work costs: errors count as an end like any other.
 *
 * @returns Milliseconds of CPU, user and system: the best of three, because the first run compiles code.
 */
export function cpuOf(work: () => unknown): number {
  const once = (): number => {
    const start = process.cpuUsage();
    try {
      work();
    } catch {
      // Hostile input is meant to fail; how it does is asserted elsewhere.
    }
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
  return Math.min(once(), once(), once());
}
