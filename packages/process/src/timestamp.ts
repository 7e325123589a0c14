import { ProcessError } from './error.js';

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The one form of time in processes: `Date.prototype.toISOString`. Anything else would change hashes. @throws ProcessError */
export function assertTimestamp(now: string): void {
  if (!TIMESTAMP.test(now) || Number.isNaN(Date.parse(now))) {
    throw new ProcessError('invalid-value', `Not an ISO-8601 timestamp with milliseconds in UTC: '${now}'`);
  }
}

/** @returns the time some seconds later. */
export const later = (timestamp: string, seconds: number): string =>
  new Date(Date.parse(timestamp) + seconds * 1000).toISOString();

/** @returns the seconds between two times. */
export const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;
