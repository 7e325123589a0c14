import { commonConfig } from '@handover/runtime';
import { z } from 'zod';

export const gatewayConfig = commonConfig.extend({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3_000),
  HOST: z.string().default('127.0.0.1'),
  /** Largest request body, in bytes. */
  BODY_LIMIT: z.coerce.number().int().min(1_024).max(104_857_600).default(1_048_576),
  /** How long a request waits for the services behind, in milliseconds. */
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(100).max(300_000).default(10_000),
  /** Window of the request rates, in seconds. */
  RATE_LIMIT_WINDOW: z.coerce.number().int().min(1).max(86_400).default(3_600),
  /** Requests of one API key per window. */
  RATE_LIMIT_KEY: z.coerce.number().int().min(1).default(3_600_000),
  /** Requests of one tenant per window. */
  RATE_LIMIT_TENANT: z.coerce.number().int().min(1).default(36_000_000),
  /** Refused tokens of one address per minute, after which no other is tried for a while. */
  AUTH_FAILURES_PER_MINUTE: z.coerce.number().int().min(1).default(60),
  /** Proxies of our own in front, each of which adds an address to X-Forwarded-For. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
});
export type GatewayConfig = z.infer<typeof gatewayConfig>;
