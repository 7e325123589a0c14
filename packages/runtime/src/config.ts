import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LOG_LEVELS } from './log.js';

/** `name=value` pairs; a value may hold `=`. @param example of one pair */
const pairs = (example: string) =>
  z.string().transform((text, context) => {
    const found = text.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
    if (text.split(',').some((pair) => !/^[^=]+=./.test(pair))) {
      context.addIssue(`must be pairs such as ${example}, separated by commas`);
      return z.NEVER;
    }
    return Object.fromEntries(found) as Record<string, string>;
  });

/** ZeroMQ RFC 32; a comma is not among its characters. */
const curveKey = z.string().regex(/^[\da-zA-Z.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/, 'must be a key of 40 characters of Z85');
const keys = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(curveKey));

/** Variables every service process understands. */
export const commonConfig = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'staging', 'production'])
    .default('production')
    .describe('Production refuses what is good for development only.'),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info').describe('Lowest level that is logged.'),
  OPS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('Port of `/livez`, `/readyz` and `/metrics`; 0 takes any free one.'),
  OPS_HOST: z.string().default('127.0.0.1').describe('Address the operations port listens on.'),
  STOP_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(4_000)
    .describe('How long a stop may take before the process leaves anyway, in milliseconds.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Collector that traces are sent to, by OTLP over HTTP, such as `http://localhost:4318`; absent: none are made. The other `OTEL_…` variables of the SDK hold too.',
    ),
  AMQP_URL: z
    .url({ protocol: /^amqps?$/ })
    .optional()
    .meta({ description: 'RabbitMQ; when absent the services speak ZeroMQ.', secret: true }),
  AMQP_PREFIX: z
    .string()
    .regex(/^[\w-]{1,60}$/, 'must be a word of letters, digits, _ and -')
    .default('handover')
    .describe('First word of every name on the broker; keeps several installations apart on one virtual host.'),
  ZMQ_ENDPOINTS: pairs('auth=ipc:///run/handover/auth.sock')
    .optional()
    .describe('`service=endpoint` pairs, comma-separated; the endpoint of this process among them.'),
  ZMQ_COMMANDS: z
    .string()
    .optional()
    .describe(
      'Where the engine takes commands of outsiders in (ROUTER), such as `tcp://127.0.0.1:5571`; absent: nowhere.',
    ),
  ZMQ_EVENTS: z
    .string()
    .optional()
    .describe('Where the engine says all events to outsiders (PUB), such as `tcp://127.0.0.1:5572`; absent: nowhere.'),
  ZMQ_CURVE_PUBLIC_KEY: curveKey
    .optional()
    .describe(
      'This process’s CURVE key, 40 characters of Z85. The four `ZMQ_CURVE_…` are needed where an address leaves the machine.',
    ),
  ZMQ_CURVE_SECRET_KEY: curveKey.optional().meta({ description: 'The other half of it.', secret: true }),
  ZMQ_CURVE_SERVER_KEYS: pairs('auth=rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7')
    .optional()
    .describe('`service=key` pairs, comma-separated: the public key of every service.'),
  ZMQ_CURVE_CLIENTS: keys
    .optional()
    .describe('Public keys of the processes that may connect to the services, comma-separated.'),
  ZMQ_CURVE_OUTSIDERS: keys
    .optional()
    .describe('Public keys of the outsiders that may connect to `ZMQ_COMMANDS` and `ZMQ_EVENTS`, comma-separated.'),
});
export type CommonConfig = z.infer<typeof commonConfig>;

/** The database of a service that has one. */
export const databaseConfig = z.object({
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .meta({ description: 'Postgres, as the runtime role of the service.', secret: true }),
  DATABASE_POOL: z.coerce
    .number()
    .int()
    .min(1)
    .max(500)
    .default(10)
    .describe('Most connections to Postgres of one process.'),
});

/** `true`/`false`, `1`/`0`, `yes`/`no`, `on`/`off`. */
export const flag = z.stringbool();

/** A configuration that cannot be used. The message names each variable and what is wrong with it, never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads a service's configuration. `NAME_FILE` may name a file that holds the value of `NAME` (mounted secrets); an empty
 * variable counts as absent.
 * @throws ConfigError naming every variable that is missing or wrong
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  environment: NodeJS.ProcessEnv,
): z.infer<Schema> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && value !== '') values[name] = value;
  }
  for (const name of Object.keys(schema.shape)) {
    const path = values[`${name}_FILE`];
    if (path !== undefined && !(name in values)) values[name] = readSecret(`${name}_FILE`, path);
  }
  const parsed = schema.safeParse(values, { error: ({ input }) => (input === undefined ? 'is not set' : undefined) });
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(all)'}: ${issue.message}`);
  throw new ConfigError(`The configuration cannot be used:\n${wrong.join('\n')}`);
}

/** `work` with the configuration; says what is wrong on stderr and exits with 78 (EX_CONFIG) when it cannot be used. */
export function orExit<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}

/** {@link loadConfig} from this process's environment, {@link orExit}. */
export function loadConfigOrExit<Schema extends z.ZodObject>(schema: Schema): z.infer<Schema> {
  return orExit(() => loadConfig(schema, process.env));
}

function readSecret(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(`The configuration cannot be used:\n  ${name}: the file cannot be read`, { cause: error });
  }
}
