import { ProcessError } from './error.js';

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The one form of time in processes: `Date.prototype.toISOString`. Anything else would change hashes. @throws ProcessError */
export function assertTimestamp(now: string): void {
  if (!TIMESTAMP.test(now) || Number.isNaN(Date.parse(now))) {
    throw new ProcessError('invalid-value', `Not an ISO-8601 timestamp with milliseconds in UTC: '${now}'`);
  }
}

/** The last time with a year of four digits: nothing that keeps the clock need know of later ones. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** @returns the time some seconds later, at the latest the end of the year 9999. */
export const later = (timestamp: string, seconds: number): string =>
  new Date(Math.min(Date.parse(timestamp) + seconds * 1000, LAST)).toISOString();

/** @returns the seconds between two times. */
export const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;
