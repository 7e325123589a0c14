import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stage } from '../bootstrap/stage.mjs';
import { adminOf, banner } from './banner.js';
import type { Config } from './config.js';
import { storeExamples } from './examples.js';
import { type DemoAccount, demoAccounts } from './gateway-client.js';
import { checkPort } from './port.js';
import { givenPostgres, ownPostgres, type Postgres } from './postgres.js';
import { prepareDatabase } from './prepare-database.js';
import type { BackoffTimes } from './processes/backoff.js';
import { StartedProcesses } from './processes/leftovers.js';
import { type Lock, takeLock } from './processes/lock.js';
import { keepSecrets, type Secrets } from './secrets.js';
import { busEndpoints, type Endpoints } from './services/endpoints.js';
import { serviceEnvironment, servicesPart } from './services/environment.js';
import { LogFile } from './services/log-file.js';
import { type Addresses, Service } from './services/service.js';
import { ServiceOutput } from './services/service-output.js';
import { notice, print, type Say } from './terminal.js';

export interface LauncherOptions {
  readonly config: Config;
  /** Holds a folder per service with `dist/main.js` and, where it has a database, `dist/migrate.js`. */
  readonly servicesDirectory: string;
  readonly examplesDirectory: string;
  readonly restart?: BackoffTimes;
}

/** The gateway is last: when it answers, everything behind it does. */
const BEHIND = ['auth', 'engine', 'notifier'];
const FRONT = 'gateway';

/** Two waves of services and the database: together less than the five seconds a stop may take. */
const SERVICE_GRACE_MS = 1_800;
const POSTGRES_GRACE_MS = 1_000;
/** How long a service of an earlier start may take to see that its launcher is gone. */
const LEFTOVER_GRACE_MS = 2_000;

/** Brings the platform up on one machine, stage by stage, and down again. Used once. */
export class Launcher {
  readonly #options: LauncherOptions;
  readonly #config: Config;
  readonly #started: StartedProcesses;
  readonly #stopping = new AbortController();
  readonly #services = new Map<string, Service>();
  #lock: Lock | undefined;
  #postgres: Postgres | undefined;
  #endpoints: Endpoints | undefined;

  constructor(options: LauncherOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#started = new StartedProcesses(join(options.config.dataDirectory, 'run'));
  }

  /** Resolves when the platform is ready. @throws what went wrong, in words for the user; `stop` then clears away the rest */
  async start(): Promise<void> {
    const began = performance.now();
    await this.#claim();
    const postgres = await this.#stage('database', (say) => this.#openPostgres(say));
    const migrations = this.#migrationScripts();
    const secrets = await keepSecrets(join(this.#config.dataDirectory, 'secrets.json'), Object.keys(migrations));
    const databaseUrls = await this.#stage('migrations', async (say) => {
      say(Object.keys(migrations).join(', '));
      const environment = servicesPart(this.#config.environment);
      const { signal } = this.#stopping;
      return prepareDatabase({ postgres, passwords: secrets.passwords, migrations, environment, signal });
    });
    await this.#addServices(secrets, databaseUrls);
    const address = await this.#stage('services', (say) => this.#startServices(say));
    const accounts = await this.#stage('examples', (say) => this.#storeExamples(address, say));
    const { dataDirectory } = this.#config;
    print(banner({ address, accounts, dataDirectory, tookMs: performance.now() - began }));
  }

  /** Ends everything that was started, those who use others first. Idempotent; also amid a start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#services.get(FRONT)?.stop(SERVICE_GRACE_MS);
    await Promise.all(BEHIND.map(async (name) => this.#services.get(name)?.stop(SERVICE_GRACE_MS)));
    await this.#postgres?.stop(POSTGRES_GRACE_MS);
    await this.#endpoints?.remove();
    await this.#lock?.release();
  }

  /** At once. A database of our own ends by itself when this process does. */
  kill(): void {
    this.#stopping.abort();
    for (const service of this.#services.values()) service.kill();
  }

  #stage<Result>(name: string, work: (say: Say) => Promise<Result>): Promise<Result> {
    this.#stopping.signal.throwIfAborted();
    return stage(name, work);
  }

  /** The data directory is ours alone, nothing of an earlier start runs on it, and the port is free. */
  async #claim(): Promise<void> {
    const { dataDirectory, port, host } = this.#config;
    const made = await mkdir(dataDirectory, { recursive: true });
    // Root's database runs as another user, who must be able to pass; what is inside has modes of its own.
    if (made !== undefined) await chmod(dataDirectory, process.getuid?.() === 0 ? 0o711 : 0o700);
    this.#lock = await takeLock(join(dataDirectory, 'launcher.lock')).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${dataDirectory} is in use (${why}): stop that one, or choose another HANDOVER_DATA`, { cause });
    });
    const ended = await this.#started.endLeftovers(LEFTOVER_GRACE_MS);
    if (ended.length > 0) notice(`left running by an earlier start and now ended: ${ended.join(', ')}`);
    await checkPort(port, host);
  }

  async #openPostgres(say: Say): Promise<Postgres> {
    const { databaseUrl, dataDirectory } = this.#config;
    this.#postgres = await (databaseUrl === undefined ? ownPostgres(dataDirectory) : givenPostgres(databaseUrl));
    say(this.#postgres.description);
    return this.#postgres;
  }

  #migrationScripts(): Record<string, string> {
    const scripts = [...BEHIND, FRONT].map((name) => [name, this.#script(name, 'migrate.js')] as const);
    return Object.fromEntries(scripts.filter(([, script]) => existsSync(script)));
  }

  #script(service: string, file: string): string {
    return join(this.#options.servicesDirectory, service, 'dist', file);
  }

  async #addServices(secrets: Secrets, databaseUrls: Record<string, string>): Promise<void> {
    const { dataDirectory, amqpUrl, showLogs } = this.#config;
    const names = [...BEHIND, FRONT];
    if (amqpUrl === undefined) this.#endpoints = await busEndpoints(names, dataDirectory);
    const places = { databaseUrls, endpoints: this.#endpoints?.variable, outside: this.#endpoints?.outside };
    this.#stopping.signal.throwIfAborted();
    for (const name of names) {
      const file = new LogFile(join(dataDirectory, 'logs', `${name}.log`));
      const service = new Service({
        name,
        script: this.#script(name, 'main.js'),
        environment: serviceEnvironment(name, this.#config, secrets, places),
        output: new ServiceOutput(name, file, notice, showLogs ? print : undefined),
        started: this.#started,
        notice,
        ...(this.#options.restart && { restart: this.#options.restart }),
      });
      this.#services.set(name, service);
    }
  }

  /** @returns the gateway's address */
  async #startServices(say: Say): Promise<string> {
    const start = async (name: string): Promise<Addresses | undefined> => {
      const addresses = await this.#services.get(name)?.start();
      ready.push(name);
      say(ready.join(', '));
      return addresses;
    };
    const ready: string[] = [];
    await Promise.all(BEHIND.map(start));
    const address = (await start(FRONT))?.http;
    if (address === undefined) throw new Error('the gateway is ready but gave no address');
    return address;
  }

  async #storeExamples(address: string, say: Say): Promise<DemoAccount[]> {
    try {
      const accounts = await demoAccounts(address);
      const admin = adminOf(accounts);
      if (admin === undefined) throw new Error('there is no demo account with the role admin');
      const stored = await storeExamples(this.#options.examplesDirectory, address, admin, notice);
      say(`${stored} scenarios stored`);
      return accounts;
    } catch (error) {
      notice(`the examples were not stored: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  }
}
