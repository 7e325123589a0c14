import * as auth from '@handover/auth/in-process';
import { createBus, type Bus } from '@handover/bus';
import { TOPOLOGY, type AnswerOf, type BodyOf, type RequestContract } from '@handover/contracts';
import { migrate } from '@handover/database';
import * as engine from '@handover/engine/in-process';
import * as gateway from '@handover/gateway/in-process';
import * as notifier from '@handover/notifier/in-process';
import { ask, createLogger, type Logger, type RunningService } from '@handover/runtime';
import { createTestDatabase } from '@handover/testkit';
import { SignJWT } from 'jose';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkAnswer } from './openapi/answers.js';
import { RUNNING, tenantsOfOwn, type Running } from './running.js';

export const JWT_SECRET = 'a secret of the tests';

export interface InProcessOptions {
  readonly auth?: Readonly<Record<string, string>>;
  readonly gateway?: Readonly<Record<string, string>>;
  readonly engine?: Readonly<Record<string, string>>;
  /** A broker to speak over, with names of one's own; without, ZeroMQ. */
  readonly amqp?: { readonly url: string; readonly prefix: string };
  /** How many gateways; default 1. */
  readonly gateways?: number;
  readonly log?: Logger;
  /** Where the engine finds its database, given where it is: a wire that can be taken away. */
  readonly engineDatabase?: (url: string) => Promise<string>;
  /** Looks at, or replaces, the bus of a service before the service gets it. */
  readonly wire?: (service: string, bus: Bus) => Bus;
}

/** All services on a real bus and a real database, in this process: what several of them do together can be watched. */
export interface InProcess {
  /** Addresses of the gateways. */
  readonly urls: readonly string[];
  /** A bus of an outsider's, to speak to the services without the gateway. */
  readonly bus: Bus;
  /** Where outsiders without a broker send commands and hear events. */
  readonly outside: { readonly commands: string; readonly events: string };
  /** A bearer token of the configured issuer, good for an hour. */
  jwt(claims: Record<string, unknown>): Promise<string>;
  /** Sends a request; `at` is the number of the gateway. @throws when the answer is not as the OpenAPI document has it */
  call(method: string, path: string, options?: InProcessCall): Promise<Response>;
  /** Asks a service as the sender of a message with these headers. */
  ask<C extends RequestContract>(
    contract: C,
    body: BodyOf<C>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<AnswerOf<C>>;
  stop(): Promise<void>;
}

export interface InProcessCall {
  readonly token?: string | undefined;
  readonly json?: unknown;
  /** Sent as it is, where there is no `json`. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly at?: number;
}

const itself = async (url: string): Promise<string> => url;

const SERVICES = ['auth', 'engine', 'notifier', 'gateway'] as const;

export async function startInProcess(options: InProcessOptions = {}): Promise<InProcess> {
  // What a test changes about the platform it has to start itself; whatever the bus.
  const { amqp: _bus, ...changes } = options;
  if (RUNNING !== undefined && Object.keys(changes).length === 0) return visit(RUNNING);
  const { gateways = 1, log = createLogger('test', 'silent'), wire = (_, bus) => bus } = options;
  const database = await createTestDatabase({ services: SERVICES });
  const { services } = database;
  const migrations = {
    auth: auth.migrations,
    engine: engine.migrations,
    notifier: notifier.migrations,
    gateway: gateway.migrations,
  };
  for (const schema of SERVICES) {
    await migrate({ url: services[schema].ownerUrl, schema, migrations: migrations[schema] });
  }

  const folder = await mkdtemp(join(tmpdir(), 'handover-'));
  const doors = Array.from({ length: gateways }, (_, n) => (n === 0 ? 'gateway' : `gateway${n}`));
  const endpoints = Object.fromEntries(
    [...new Set([...SERVICES, ...doors, 'outsider'])].map((name) => [name, `ipc://${folder}/${name}.sock`]),
  );
  const outside = { commands: `ipc://${folder}/commands.sock`, events: `ipc://${folder}/events.sock` };
  const buses: Bus[] = [];
  const connect = async (service: string): Promise<Bus> => {
    const common = { service, topology: TOPOLOGY, logger: log };
    const bus = createBus(
      options.amqp
        ? { transport: 'amqp', ...options.amqp, ...common }
        : { transport: 'zeromq', endpoints, outside: { service: 'engine', ...outside }, ...common },
    );
    buses.unshift(bus);
    await bus.start();
    return wire(service, bus);
  };

  const common = { NODE_ENV: 'test', DATABASE_POOL: '4' };
  const environment = (name: (typeof SERVICES)[number]) => ({ ...common, DATABASE_URL: services[name].runtimeUrl });
  const running: RunningService[] = [];
  const authConfig = auth.authConfig.parse({ ...environment('auth'), JWT_SECRET, ...options.auth });
  running.unshift(await auth.startAuth(authConfig, { bus: await connect('auth'), log }));
  const engineDatabase = { DATABASE_URL: await (options.engineDatabase ?? itself)(services.engine.runtimeUrl) };
  const engineConfig = engine.engineConfig.parse({ ...environment('engine'), ...engineDatabase, ...options.engine });
  running.unshift(await engine.startEngine(engineConfig, { bus: await connect('engine'), log }));
  const secrets = { WEBHOOK_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'), WEBHOOK_ALLOW_LOOPBACK: 'true' };
  const notifierConfig = notifier.notifierConfig.parse({ ...environment('notifier'), ...secrets });
  running.unshift(await notifier.startNotifier(notifierConfig, { bus: await connect('notifier'), log }));
  const gatewayConfig = gateway.gatewayConfig.parse({ ...environment('gateway'), PORT: '0', ...options.gateway });
  const urls: string[] = [];
  for (const door of doors) {
    const started = await gateway.startGateway(gatewayConfig, {
      bus: await connect(door),
      log,
      followsEvents: door === 'gateway',
    });
    urls.push(started.url ?? '');
    running.unshift(started);
  }
  const bus = await connect('outsider');

  return {
    urls,
    bus,
    outside,
    jwt: (claims) => signed(claims, JWT_SECRET),
    call: (method, path, options = {}) => send(urls[options.at ?? 0] ?? '', method, path, options),
    ask: (contract, body, headers = {}) => ask(bus, contract, body, { headers }),
    async stop() {
      for (const service of running) await service.stop();
      await Promise.all(buses.map((one) => one.stop()));
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}

const signed = (claims: Record<string, unknown>, secret: string): Promise<string> =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));

async function send(url: string, method: string, path: string, options: InProcessCall): Promise<Response> {
  const { token, json, body, headers } = options;
  const sent = json === undefined ? body : JSON.stringify(json);
  const answer = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent !== undefined && { body: sent }),
  });
  await checkAnswer(method, path, answer);
  return answer;
}

/** An installation somebody else started, and stops: what is reached by REST is the same, there is no way past the gateway. */
function visit({ url, jwtSecret }: Running): InProcess {
  const notOurs = (): never => {
    throw new Error(`nothing but the gateway of ${url} can be reached`);
  };
  const inOwnTenant = tenantsOfOwn();
  return {
    urls: [url],
    get bus() {
      return notOurs();
    },
    get outside() {
      return notOurs();
    },
    jwt: (claims) => signed(inOwnTenant(claims), jwtSecret),
    call: (method, path, options = {}) => send(url, method, path, options),
    ask: async () => notOurs(),
    stop: async () => undefined,
  };
}
