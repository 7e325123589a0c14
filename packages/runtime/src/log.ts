import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Members that hold credentials wherever they appear, one level deep or two. Their values never reach a log. */
const SECRETS = ['token', 'secret', 'password', 'authorization', 'principal', 'signed', 'cookie'];

/**
 * A logger that writes one JSON object a line to stdout (or `destination`), with the service's name and an ISO time. The ids of
 * the work at hand (`requestId`, `commandId`, `tenant`, `processId`, `deliveryId`) are said by whoever writes the line.
 */
export function createLogger(service: string, level: LogLevel, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...SECRETS, ...SECRETS.map((name) => `*.${name}`)], censor: '[redacted]' },
    },
    destination ?? pino.destination({ sync: true }),
  );
}
