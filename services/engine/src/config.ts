import { COMMAND_BODY_BYTES } from '@handover/contracts';
import { commonConfig, databaseConfig, flag } from '@handover/runtime';
import { z } from 'zod';
import { periodSchema } from './retention/duration.js';

/** As it stands in a URL: in lower case, with a port where it is not the usual one. */
const isHost = (text: string): boolean => URL.canParse(`https://${text}`) && new URL(`https://${text}`).host === text;

export const engineConfig = commonConfig.extend(databaseConfig.shape).extend({
  SCENARIO_CACHE: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(1_000)
    .describe('Compiled scenarios kept in memory.'),
  PROCESS_CACHE_MB: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_536)
    .default(64)
    .describe('About so much memory for processes that were written lately, in MiB.'),
  SCENARIO_READONLY: flag.default(false).describe('Whether scenarios are neither stored nor disabled through the API.'),
  SCHEMA_PATH: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of JSON schemas that the scenarios of every tenant can refer to; `.json`, `.yaml`, `.yml`.'),
  SCHEMA_FETCH_HOSTS: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((host) => host.trim().toLowerCase()))
    .transform((hosts) => hosts.filter((host) => host !== ''))
    .refine((hosts) => hosts.every(isHost), 'must be hosts such as example.com')
    .describe(
      'Hosts that JSON schemas are fetched from when a scenario refers to them: names, with a port where it is not the usual ' +
        'one, separated by commas; empty: none. By https only, but in development.',
    ),
  OUTBOX_POLL_MS: z.coerce
    .number()
    .int()
    .min(50)
    .max(60_000)
    .default(1_000)
    .describe('How often the outbox is looked at when nothing wakes it, in milliseconds.'),
  IDEMPOTENCY_HOURS: z.coerce
    .number()
    .int()
    .min(1)
    .max(8_760)
    .default(24)
    .describe('How long an answer is kept for its idempotency key, in hours.'),
  COMMAND_BODY_LIMIT: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(8_388_608)
    .default(COMMAND_BODY_BYTES)
    .describe('Largest body of a command from the queue, in bytes.'),
  COMMAND_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .describe(
      'Most commands from the queue in hand at a time, those that wait to be tried again included; and as many of those ' +
        'that REST accepted to be carried out later.',
    ),
  COMMAND_POLL_MS: z.coerce
    .number()
    .int()
    .min(50)
    .max(60_000)
    .default(1_000)
    .describe('How often accepted commands are looked for when none is announced, in milliseconds.'),
  PROCESS_ARCHIVE_AFTER: periodSchema
    .optional()
    .describe(
      'When ended processes go to the archive: days after their end, or a duration such as P90D; unset: never.',
    ),
  PROCESS_DELETE_AFTER: periodSchema
    .optional()
    .describe('When ended processes are deleted, archived or not: days, or a duration such as P2Y; unset: never.'),
  SUBPROCESS_DEPTH: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(8)
    .describe('Most processes that may start each other, one the other, by `service:engine`.'),
  ENGINE_ACTIONS_PER_PROCESS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(1_000)
    .describe('Most actions by `service:engine` within an hour, for one process and all that it started.'),
  TIMER_POLL_MS: z.coerce
    .number()
    .int()
    .min(50)
    .max(60_000)
    .default(1_000)
    .describe('How often due timers are looked for when none is expected, in milliseconds.'),
});
export type EngineConfig = z.infer<typeof engineConfig>;
