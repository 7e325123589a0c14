import { z } from 'zod';
import { defineRequest } from '../request.js';

/** Makes what is kept of a process beside its events anew from them, and says what was not as it should be. */
export const rebuildProcess = defineRequest({
  type: 'process.rebuild.v1',
  service: 'engine',
  body: z.object({ process: z.string() }),
  answer: z.object({
    /** Something differed and was put right. */
    repaired: z.boolean(),
    /** Names of the members and columns that differed. */
    differences: z.array(z.string()),
    /** Why nothing was touched: the events themselves do not hold, or cannot be done again. */
    failure: z.string().optional(),
  }),
});

/** Most incidents that are retried by one command. */
export const MOST_INCIDENTS_RETRIED = 500;

/** Tries again what many incidents stopped, the oldest first. */
export const retryIncidents = defineRequest({
  type: 'incident.retry-many.v1',
  service: 'engine',
  body: z.object({
    /** Those of this process; of every one when absent. */
    process: z.string().max(200).optional(),
    /** Those with this code. */
    code: z.string().max(200).optional(),
    limit: z.number().int().min(1).max(MOST_INCIDENTS_RETRIED).default(100),
  }),
  answer: z.object({
    /** Incidents that were tried: `closed` and `failed` together. */
    taken: z.number().int(),
    closed: z.number().int(),
    failed: z.number().int(),
    /** Why each of those that failed did. */
    failures: z.array(z.object({ incident: z.string(), process: z.string(), code: z.string(), message: z.string() })),
    /** Incidents of the filter that are open now, those that failed among them. */
    open: z.number().int(),
  }),
});
