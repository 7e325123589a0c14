import { randomBytes } from 'node:crypto';
import { spawnNode } from '../child.js';
import { SERVICES, programOf, startService, type ServiceName, type ServiceProcess } from './service-process.js';

export interface InstallationOptions {
  /** An empty database, as somebody who may create roles. */
  readonly adminUrl: string;
  /** Begins the names of its roles. */
  readonly rolePrefix: string;
  readonly broker: { readonly url: string; readonly prefix: string };
  /** How many of each service; one unless it says otherwise. */
  readonly replicas?: Partial<Readonly<Record<ServiceName, number>>>;
  /** Whether the programs are those that were built; default: their sources. */
  readonly isBuilt?: boolean;
  /** Environment of every service, and of one. */
  readonly env?: Readonly<Record<string, string>>;
  readonly envOf?: Partial<Readonly<Record<ServiceName, Readonly<Record<string, string>>>>>;
}

/** What an operator has: a database made by `setup`, a broker, and every service as a process of its own. */
export interface Installation {
  /** Signs HS256 tokens that auth accepts. */
  readonly jwtSecret: Uint8Array;
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

/** Sets the database up and starts the services; resolves when all are ready. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const { adminUrl, rolePrefix, broker, replicas = {}, isBuilt = false, env = {}, envOf = {} } = options;
  const password = randomBytes(16).toString('hex');
  await setUp(options, password);
  const secret = randomBytes(24).toString('hex');
  const urlOf = (service: ServiceName): string =>
    Object.assign(new URL(adminUrl), { username: `${rolePrefix}_${service}`, password }).href;
  const own: Partial<Record<ServiceName, Record<string, string>>> = {
    auth: { JWT_SECRET: secret },
    notifier: { WEBHOOK_SECRET_KEY: randomBytes(32).toString('base64'), WEBHOOK_ALLOW_LOOPBACK: 'true' },
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
      isBuilt,
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
    jwtSecret: new TextEncoder().encode(secret),
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

/** Runs the program `setup`. */
async function setUp({ adminUrl, rolePrefix, isBuilt = false }: InstallationOptions, password: string): Promise<void> {
  const passwords = SERVICES.flatMap((service) =>
    ['OWNER_PASSWORD', 'PASSWORD'].map((role) => [`${service.toUpperCase()}_${role}`, password] as const),
  );
  const setup = spawnNode(programOf('deploy/setup', isBuilt), {
    env: { ADMIN_DATABASE_URL: adminUrl, ROLE_PREFIX: rolePrefix, ...Object.fromEntries(passwords) },
  });
  const { code } = await setup.exited;
  if (code !== 0) throw new Error(`setup ended with ${code}:\n${setup.lines.slice(-5).join('\n')}`);
}
