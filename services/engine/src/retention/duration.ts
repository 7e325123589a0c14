import { z } from 'zod';

const DAY = 86_400;
const ISO = /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const SECONDS = [365 * DAY, 30 * DAY, 7 * DAY, DAY, 3_600, 60, 1];

/** A period as configuration has it: a number of days, or an ISO-8601 duration with years of 365 and months of 30 days. In seconds. */
export const periodSchema = z.string().transform((text, context) => {
  const match = /^\d+$/.test(text) ? ['', '', '', '', text] : ISO.exec(text);
  const seconds = match?.slice(1).reduce((sum, part, unit) => sum + Number(part || 0) * (SECONDS[unit] ?? 0), 0);
  if (seconds !== undefined && Number.isSafeInteger(seconds) && seconds <= 1_000 * 365 * DAY) return seconds;
  context.addIssue({ code: 'custom', message: 'must be a number of days or a duration such as P90D' });
  return z.NEVER;
});
