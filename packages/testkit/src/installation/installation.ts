import { randomBytes } from 'node:crypto';
import { spawnNode } from '../child.js';
import { SERVICES, programOf, startService, type ServiceName, type ServiceProcess } from './service-process.js';

/** What an installation has besides its database. */
export interface InstallationSecrets {
  /** Password of its roles; each `setup` may give them another. */
  readonly database: string;
  /** Signs HS256 tokens that auth accepts. */
  readonly jwt: string;
  /** Seals what the notifier keeps secret; 32 bytes in base64. */
  readonly webhookKey: string;
}

export interface InstallationOptions {
  /** An empty database, as somebody who may create roles. */
  readonly adminUrl: string;
  /** Begins the names of its roles. */
  readonly rolePrefix: string;
  readonly broker: { readonly url: string; readonly prefix: string };
  /** Those of an installation there is or was already; default: new ones. */
  readonly secrets?: InstallationSecrets;
  /** How many of each service; one unless it says otherwise. */
  readonly replicas?: Partial<Readonly<Record<ServiceName, number>>>;
  /** Workspace whose built programs run, {@link ROOT} or one of another version; default: the sources of this one. */
  readonly builtIn?: string;
  /** Environment of every service, and of one. */
  readonly env?: Readonly<Record<string, string>>;
  readonly envOf?: Partial<Readonly<Record<ServiceName, Readonly<Record<string, string>>>>>;
}

/** What an operator has: a database made by `setup`, a broker, and every service as a process of its own. */
export interface Installation {
  readonly secrets: InstallationSecrets;
  /** Those that run, in the order they were started. */
  readonly processes: ServiceProcess[];
  of(service: ServiceName): ServiceProcess[];
  /** One more replica. It may not be ready yet. */
  add(service: ServiceName): ServiceProcess;
  /** Stops one replica for good. @returns what it said when it did not end well */
  remove(process: ServiceProcess): Promise<string | undefined>;
  /** Address of a gateway. */
  url(): Promise<string>;
  /** Stops all. @returns what those said that did not end well */
  stop(): Promise<string[]>;
}

/** Sets the database up, or brings it up to date, and starts the services; resolves when all are ready. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const {
    adminUrl,
    rolePrefix,
    broker,
    secrets = newSecrets(),
    replicas = {},
    builtIn,
    env = {},
    envOf = {},
  } = options;
  await setUp(options, secrets.database);
  const urlOf = (service: ServiceName): string =>
    Object.assign(new URL(adminUrl), { username: `${rolePrefix}_${service}`, password: secrets.database }).href;
  const own: Partial<Record<ServiceName, Record<string, string>>> = {
    auth: { JWT_SECRET: secrets.jwt },
    notifier: { WEBHOOK_SECRET_KEY: secrets.webhookKey, WEBHOOK_ALLOW_LOOPBACK: 'true' },
    gateway: { PORT: '0' },
  };
  const start = (service: ServiceName): ServiceProcess =>
    startService(
      service,
      {
        NODE_ENV: 'test',
        DATABASE_POOL: '4',
        AMQP_URL: broker.url,
        AMQP_PREFIX: broker.prefix,
        DATABASE_URL: urlOf(service),
        ...own[service],
        ...env,
        ...envOf[service],
      },
      builtIn,
    );

  const processes = SERVICES.flatMap((service) => Array.from({ length: replicas[service] ?? 1 }, () => start(service)));
  const stop = async (): Promise<string[]> => {
    const ends = await Promise.all(processes.map((process) => process.stop()));
    return ends.filter((end) => end !== undefined);
  };
  try {
    await Promise.all(processes.map((process) => process.ready()));
  } catch (error) {
    await Promise.all(processes.map(({ child }) => child.kill()));
    throw error;
  }
  const of = (service: ServiceName) => processes.filter((process) => process.service === service);
  return {
    secrets,
    processes,
    of,
    add(service) {
      const process = start(service);
      processes.push(process);
      return process;
    },
    remove(process) {
      processes.splice(processes.indexOf(process), 1);
      return process.stop();
    },
    url: async () => (await of('gateway')[0]?.ready())?.http ?? '',
    stop,
  };
}

const newSecrets = (): InstallationSecrets => ({
  database: randomBytes(16).toString('hex'),
  jwt: randomBytes(24).toString('hex'),
  webhookKey: randomBytes(32).toString('base64'),
});

/** Runs the program `setup`. */
async function setUp({ adminUrl, rolePrefix, builtIn }: InstallationOptions, password: string): Promise<void> {
  const passwords = SERVICES.flatMap((service) =>
    ['OWNER_PASSWORD', 'PASSWORD'].map((role) => [`${service.toUpperCase()}_${role}`, password] as const),
  );
  const setup = spawnNode(programOf('deploy/setup', builtIn), {
    env: { ADMIN_DATABASE_URL: adminUrl, ROLE_PREFIX: rolePrefix, ...Object.fromEntries(passwords) },
  });
  const { code } = await setup.exited;
  if (code !== 0) throw new Error(`setup ended with ${code}:\n${setup.lines.slice(-5).join('\n')}`);
}
