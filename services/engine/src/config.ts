import { commonConfig, databaseConfig } from '@handover/runtime';
import { z } from 'zod';

export const engineConfig = commonConfig.extend(databaseConfig.shape).extend({
  /** Compiled scenarios kept in memory. */
  SCENARIO_CACHE: z.coerce.number().int().min(1).max(100_000).default(1_000),
  /** How often the outbox is looked at when nothing wakes it, in milliseconds. */
  OUTBOX_POLL_MS: z.coerce.number().int().min(50).max(60_000).default(1_000),
  /** How long an answer is kept for its idempotency key, in hours. */
  IDEMPOTENCY_HOURS: z.coerce.number().int().min(1).max(8_760).default(24),
  /** How often due timers are looked for when none is expected, in milliseconds. */
  TIMER_POLL_MS: z.coerce.number().int().min(50).max(60_000).default(1_000),
});
export type EngineConfig = z.infer<typeof engineConfig>;
