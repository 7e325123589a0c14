import type { Config } from '../config.js';
import type { Secrets } from '../secrets.js';
import type { Outside } from './endpoints.js';

/** What the launcher says to services in its own words, or keeps to itself. */
const OURS = [
  'AMQP_URL',
  'DATABASE_URL',
  'HANDOVER_DATA',
  'HOST',
  'LOG',
  'MIGRATION_DATABASE_URL',
  'OPS_PORT',
  'PORT',
  'ZMQ_ENDPOINTS',
];

/** Two waves of services and the database stop within the launcher's five seconds. */
const STOP_TIMEOUT_MS = '1500';

export interface ServicePlaces {
  /** Per service that has a database: what it connects as. */
  readonly databaseUrls: Readonly<Record<string, string>>;
  /** Absent when the services speak AMQP. */
  readonly endpoints: string | undefined;
  /** Absent as well then. */
  readonly outside?: Outside | undefined;
}

/** The environment of one service: the caller's, with what the launcher decides or generates. */
export function serviceEnvironment(
  name: string,
  config: Config,
  secrets: Secrets,
  places: ServicePlaces,
): NodeJS.ProcessEnv {
  const given = servicesPart(config.environment);
  const databaseUrl = places.databaseUrls[name];
  return {
    STOP_TIMEOUT_MS,
    ...given,
    NODE_ENV: 'development',
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    ...(config.amqpUrl === undefined ? zeromq(places, given) : { AMQP_URL: config.amqpUrl }),
    ...ofService(name, config, secrets, given),
  };
}

/** In development outsiders have their sockets without asking; whoever names addresses has them there. */
function zeromq({ endpoints, outside }: ServicePlaces, given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ZMQ_ENDPOINTS: endpoints,
    ZMQ_COMMANDS: given.ZMQ_COMMANDS ?? outside?.commands,
    ZMQ_EVENTS: given.ZMQ_EVENTS ?? outside?.events,
  };
}

function ofService(name: string, config: Config, secrets: Secrets, given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  switch (name) {
    case 'gateway':
      return { PORT: String(config.port), HOST: config.host };
    case 'auth':
      return { JWT_SECRET: given.JWT_SECRET ?? secrets.jwtSecret, DEMO_ACCOUNTS: 'true' };
    case 'notifier':
      return {
        WEBHOOK_ALLOW_LOOPBACK: 'true',
        WEBHOOK_SECRET_KEY: given.WEBHOOK_SECRET_KEY ?? secrets.webhookSecretKey,
      };
    default:
      return {};
  }
}

/** The part of the caller's environment that reaches services and their migrations. */
export function servicesPart(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !OURS.includes(name)));
}
