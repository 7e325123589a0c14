import { commonConfig, databaseConfig, flag } from '@handover/runtime';
import { z } from 'zod';
import { parseSchedule } from './deliveries/schedule.js';

const schedule = z.string().transform((text, context) => {
  try {
    return parseSchedule(text);
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
    return z.NEVER;
  }
});

const secretKey = z.base64().transform((text, context) => {
  const key = Buffer.from(text, 'base64');
  if (key.length === 32) return key;
  context.addIssue('must be 32 bytes in base64, such as the output of: openssl rand -base64 32');
  return z.NEVER;
});

const DEFAULT_SERVICE_SCHEDULE = '0s,1s,5s,30s,2m,10m,30m,2h,6h,12h,24h';

export const notifierConfig = commonConfig.extend(databaseConfig.shape).extend({
  WEBHOOK_SCHEDULE: schedule
    .prefault('0s,5s,5m,30m,2h,5h,10h,14h,20h,24h')
    .describe(
      'Delays before each attempt, the first counted from the event and every other from the attempt that failed; as many attempts as delays. The default is the schedule recommended by Standard Webhooks.',
    ),
  WEBHOOK_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(120_000)
    .default(10_000)
    .describe('How long one attempt may take, from looking up the address to the end of the answer, in milliseconds.'),
  WEBHOOK_ALLOW_LOOPBACK: flag.default(false).describe('Whether webhooks may point to this machine; for development.'),
  WEBHOOK_SECRET_KEY: secretKey.meta({
    description: "Encrypts the webhooks' secrets at rest (AES-256-GCM). Losing it means new secrets for every webhook.",
    secret: true,
  }),
  WEBHOOK_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(200)
    .describe('Most attempts under way in this process.'),
  WEBHOOK_CONCURRENCY_EACH: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(32)
    .describe(
      'Most attempts under way for one webhook in this process. They begin with 2 and grow by one with each message that gets through.',
    ),
  WEBHOOK_DISABLE_AFTER_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(365)
    .default(5)
    .describe('A webhook whose every attempt failed for so many days is disabled.'),
  SERVICES: z.string().optional().meta({
    description:
      'Services that scenarios may name, as YAML or JSON: `services` for every tenant, `tenants.<tenant>.services` for one. SERVICES_FILE names a file that holds it. SERVICE_<NAME>_<PROPERTY> sets a single property of one.',
    secret: true,
  }),
  SERVICE_SCHEDULE: schedule
    .prefault(DEFAULT_SERVICE_SCHEDULE)
    .describe(
      'Delays before each attempt at a notification, the first counted from the notification and every other from the attempt that failed; each grows by up to a fifth at random.',
    ),
  DELIVERY_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_650)
    .default(30)
    .describe('How long settled deliveries are kept with their attempts, in days.'),
});
export type NotifierConfig = z.infer<typeof notifierConfig>;
