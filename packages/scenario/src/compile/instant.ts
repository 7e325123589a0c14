const MONTH = '(0[1-9]|1[0-2])';
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d{1,9})?)?';
const ZONE = '(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)';
const INSTANT = new RegExp(`^(\\d{4})-${MONTH}-(\\d\\d)T${TIME}${ZONE}$`, 'i');

/** The last time that every part of the platform can print and store. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Reads an ISO-8601 time: date, time (seconds may be left out) and zone, as in `2026-12-24T18:00:00+01:00`. Without a zone a
 * text says no instant.
 * @returns milliseconds since 1970; undefined for anything else, days that are not in the calendar included.
 */
export function instantOf(value: unknown): number | undefined {
  const match = typeof value === 'string' ? INSTANT.exec(value) : null;
  if (!match || typeof value !== 'string') return undefined;
  const [, year, month, day] = match;
  const daysInMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(day) < 1 || Number(day) > daysInMonth) return undefined;
  const instant = Date.parse(value.toUpperCase());
  return instant <= LAST ? instant : undefined;
}
