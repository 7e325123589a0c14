import { resolve } from 'node:path';
import { z } from 'zod';

/** What `npm start -- --help` lists. An empty variable counts as absent. */
const schema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3_000),
  HOST: z.string().default('127.0.0.1'),
  HANDOVER_DATA: z.string().default('.handover'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  AMQP_URL: z.url({ protocol: /^amqps?$/ }).optional(),
  LOG: z.enum(['stdout']).optional(),
});

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDirectory: string;
  /** Admin URL of a given Postgres; without it the launcher runs one of its own. */
  readonly databaseUrl: string | undefined;
  readonly amqpUrl: string | undefined;
  /** Whether every log line is shown, not only warnings and errors. */
  readonly showLogs: boolean;
  /** The caller's environment; services get what is theirs in it. */
  readonly environment: NodeJS.ProcessEnv;
}

/** @throws an error that names each wrong variable, never its value */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new Error(`The configuration cannot be used:\n${wrong.join('\n')}`);
  }
  const { PORT, HOST, HANDOVER_DATA, DATABASE_URL, AMQP_URL, LOG } = parsed.data;
  return {
    port: PORT,
    host: HOST,
    dataDirectory: resolve(HANDOVER_DATA),
    databaseUrl: DATABASE_URL,
    amqpUrl: AMQP_URL,
    showLogs: LOG === 'stdout',
    environment: present,
  };
}
