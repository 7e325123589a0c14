/** Delays before each attempt, in milliseconds: as many attempts as entries, at least one. */
export type Schedule = readonly [number, ...number[]];

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DELAY = /^(?<count>\d+(?:\.\d+)?)(?<unit>[smhd])$/;
const MAX_DELAY_MS = 30 * UNIT_MS.d;
const MAX_ATTEMPTS = 50;

/**
 * Reads a schedule such as `0s,5s,30m,2h,1d`.
 * @throws RangeError naming the entry that cannot be read
 */
export function parseSchedule(text: string): Schedule {
  const [first, ...others] = text.split(',').map((entry) => parseDelay(entry.trim()));
  if (first === undefined || others.length >= MAX_ATTEMPTS) {
    throw new RangeError(`must have 1 to ${MAX_ATTEMPTS} delays`);
  }
  return [first, ...others];
}

function parseDelay(entry: string): number {
  const { count, unit } = DELAY.exec(entry)?.groups ?? {};
  if (count === undefined || unit === undefined) {
    throw new RangeError(`'${entry}' is not a delay such as 0s, 5m, 2h or 1d`);
  }
  const delay = Math.round(Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]);
  if (delay > MAX_DELAY_MS) throw new RangeError(`'${entry}' is longer than 30d`);
  return delay;
}
