import { NormalizeError } from './error.js';

const UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, s: 1, second: 1, seconds: 1 },
  ...{ m: 60, minute: 60, minutes: 60 },
  ...{ h: 3600, hour: 3600, hours: 3600 },
  ...{ d: 86_400, day: 86_400, days: 86_400 },
  ...{ w: 604_800, week: 604_800, weeks: 604_800 },
};

/**
 * A time period in seconds (scenario-language §5.7).
 * @param period a number of seconds, or a whole number with a unit: `90`, `"5 minutes"`, `"2d"`.
 * @throws NormalizeError `Invalid time period format` or `Invalid time period unit.`
 */
export function toSeconds(period: unknown): number {
  if (typeof period === 'number') return period;
  const match = typeof period === 'string' ? /^(\d+)\s*([a-z]*)$/i.exec(period.trim()) : null;
  if (!match) throw new NormalizeError('Invalid time period format');
  const [, amount = '', unit = ''] = match;
  const seconds = Object.hasOwn(UNITS, unit.toLowerCase()) ? UNITS[unit.toLowerCase()] : undefined;
  if (seconds === undefined) throw new NormalizeError('Invalid time period unit.');
  return Number(amount) * seconds;
}
