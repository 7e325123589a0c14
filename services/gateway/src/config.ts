import { commonConfig, databaseConfig } from '@handover/runtime';
import { z } from 'zod';

export const gatewayConfig = commonConfig.extend(databaseConfig.shape).extend({
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(3_000)
    .describe('Port of the REST API; 0 takes any free one.'),
  HOST: z.string().default('127.0.0.1').describe('Address the REST API listens on.'),
  BODY_LIMIT: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(104_857_600)
    .default(1_048_576)
    .describe('Largest request body, in bytes.'),
  REQUEST_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(300_000)
    .default(10_000)
    .describe('How long a request waits for the services behind, in milliseconds.'),
  RATE_LIMIT_WINDOW: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(3_600)
    .describe('Window of the request rates, in seconds.'),
  RATE_LIMIT_KEY: z.coerce.number().int().min(1).default(3_600_000).describe('Requests of one API key per window.'),
  RATE_LIMIT_TENANT: z.coerce.number().int().min(1).default(36_000_000).describe('Requests of one tenant per window.'),
  AUTH_FAILURES_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(60)
    .describe('Refused tokens of one address per minute, after which no other is tried for a while.'),
  ASSET_TAG_PREFIX: z
    .string()
    .regex(/^[A-Z0-9]{1,10}$/, 'must be up to ten capitals and digits')
    .default('USL')
    .describe('Begins the tags that new assets are given: `USL-00042`.'),
  WATCHES: z.coerce
    .number()
    .int()
    .min(1)
    .default(2_000)
    .describe('Requests that may wait for changes of processes at a time: event streams, and those with a wait.'),
  WATCHES_TENANT: z.coerce.number().int().min(1).default(500).describe('The same, of one tenant.'),
  WATCH_LOOK_MS: z.coerce
    .number()
    .int()
    .min(50)
    .max(60_000)
    .default(5_000)
    .describe('How often one who waits looks without being told of a change, in milliseconds.'),
  TRUSTED_PROXIES: z.coerce
    .number()
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('Proxies of our own in front, each of which adds an address to X-Forwarded-For.'),
});
export type GatewayConfig = z.infer<typeof gatewayConfig>;
