import * as auth from '@handover/auth/in-process';
import { createBus, type Bus } from '@handover/bus';
import { TOPOLOGY } from '@handover/contracts';
import { migrate } from '@handover/database';
import { migrations as engineMigrations } from '@handover/engine/migrations';
import * as gateway from '@handover/gateway/in-process';
import * as notifier from '@handover/notifier/in-process';
import { createLogger, type RunningService } from '@handover/runtime';
import { createTestDatabase, startRabbitMq, startService, type ServiceProcess } from '@handover/testkit';
import { connect } from 'amqplib';
import { SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';

const SECRET = 'a secret of the tests';
const SERVICES = ['auth', 'engine', 'notifier', 'gateway'] as const;
/** What a killed engine had in hand is asked for again after so long. */
const REQUEST_TIMEOUT_MS = '2000';

/** The platform on RabbitMQ and one database: engines to be killed as processes of their own, everything else in this one. */
export interface Platform {
  readonly url: string;
  /** Bearer token of a caller who may do everything. */
  readonly token: string;
  readonly broker: { readonly url: string; readonly prefix: string };
  readonly replicas: readonly ServiceProcess[];
  /** @returns what went wrong while the engines stopped; empty when nothing did */
  stop(): Promise<string[]>;
}

/** @param replicas how many engines */
export async function startPlatform(replicas: number): Promise<Platform> {
  const log = createLogger('test', 'silent');
  const database = await createTestDatabase({ services: SERVICES });
  const { services } = database;
  const migrations = {
    auth: auth.migrations,
    engine: engineMigrations,
    notifier: notifier.migrations,
    gateway: gateway.migrations,
  };
  for (const schema of SERVICES)
    await migrate({ url: services[schema].ownerUrl, schema, migrations: migrations[schema] });

  const server = await startRabbitMq();
  const broker = { url: server.url, prefix: `faults-${randomUUID()}` };
  const buses: Bus[] = [];
  const connected = async (service: string): Promise<Bus> => {
    const bus = createBus({ transport: 'amqp', ...broker, service, topology: TOPOLOGY, logger: log });
    buses.unshift(bus);
    await bus.start();
    return bus;
  };
  const environment = (service: (typeof SERVICES)[number]) => ({
    NODE_ENV: 'test',
    DATABASE_POOL: '4',
    DATABASE_URL: services[service].runtimeUrl,
  });

  const running: RunningService[] = [];
  const authConfig = auth.authConfig.parse({ ...environment('auth'), JWT_SECRET: SECRET });
  running.unshift(await auth.startAuth(authConfig, { bus: await connected('auth'), log }));
  const key = Buffer.alloc(32, 7).toString('base64');
  const notifierConfig = notifier.notifierConfig.parse({ ...environment('notifier'), WEBHOOK_SECRET_KEY: key });
  running.unshift(await notifier.startNotifier(notifierConfig, { bus: await connected('notifier'), log }));
  const gatewayConfig = gateway.gatewayConfig.parse({ ...environment('gateway'), PORT: '0', REQUEST_TIMEOUT_MS });
  const door = await gateway.startGateway(gatewayConfig, {
    bus: await connected('gateway'),
    log,
    followsEvents: true,
  });
  running.unshift(door);

  const engines = Array.from({ length: replicas }, () =>
    startService('engine', { ...environment('engine'), AMQP_URL: broker.url, AMQP_PREFIX: broker.prefix }),
  );
  await Promise.all(engines.map((engine) => engine.ready()));

  return {
    url: door.url ?? '',
    token: await new SignJWT({ id: 'ann', roles: ['admin'], tenant: 'acme' })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(SECRET)),
    broker,
    replicas: engines,
    async stop() {
      const ends = await Promise.all(engines.map((engine) => engine.stop()));
      for (const service of running) await service.stop();
      await Promise.all(buses.map((bus) => bus.stop()));
      await removeNames(broker);
      await server.stop();
      await database.drop();
      return ends.filter((end) => end !== undefined);
    },
  };
}

/** Deletes every durable name of the platform from the broker. */
export async function removeNames({ url, prefix }: Platform['broker']): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const queues = [...TOPOLOGY.queues, ...TOPOLOGY.subscriptions, ...TOPOLOGY.doors].map(({ name }) => name);
  for (const name of [...queues, 'dead']) await channel.deleteQueue(`${prefix}.${name}`);
  for (const name of ['events', 'dead', 'broadcast', 'commands']) await channel.deleteExchange(`${prefix}.${name}`);
  await connection.close();
}
