/** `npm run faults` runs everything in full; with the other tests a small version runs, which finds what breaks often. */
export const isFull = process.env.FAULTS === 'full';

/** @returns the first in a full run, the second in a small one */
export const inFull = <T>(full: T, small: T): T => (isFull ? full : small);

/** Prints figures of a run, one line. */
export function tell(title: string, figures: Readonly<Record<string, string | number>>): void {
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`${title}: ${shown.join(', ')}\n`);
}
