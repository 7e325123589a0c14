/**
 * How long an answer asks us to wait, in milliseconds from `now` (RFC 9110 §10.2.3: seconds or an HTTP date). A date in
 * the past is 0; what cannot be read counts as absent.
 */
export function parseRetryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  // An HTTP date begins with the day's name; without this check Date would also read "2" or "-1".
  const at = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
