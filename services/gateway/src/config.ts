import { commonConfig } from '@handover/runtime';
import { z } from 'zod';

export const gatewayConfig = commonConfig.extend({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3_000),
  HOST: z.string().default('127.0.0.1'),
  /** Largest request body, in bytes. */
  BODY_LIMIT: z.coerce.number().int().min(1_024).max(104_857_600).default(1_048_576),
  /** How long a request waits for the services behind, in milliseconds. */
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(100).max(300_000).default(10_000),
});
export type GatewayConfig = z.infer<typeof gatewayConfig>;
