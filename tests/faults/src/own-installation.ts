import {
  SERVICES,
  debianRabbitMq,
  ownPostgres,
  startInstallation,
  startReceiver,
  type Installation,
  type InstallationOptions,
  type OwnPostgres,
  type OwnPostgresOptions,
  type OwnRabbitMq,
  type Receiver,
} from '@handover/testkit';
import { SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';

/** An installation with a Postgres and a RabbitMQ of its own, which may be broken. */
export interface OwnInstallation {
  /** Address of the gateway that clients use; may be set to another one. */
  url: string;
  /** Bearer token of a caller who may do everything; may be set to another one. */
  token: string;
  /** A token that was never seen, of the same caller. */
  newToken(): Promise<string>;
  readonly services: Installation;
  /**
   * For an installation of another version: runs the `setup` of this one on its database.
   * @returns the services of this version, of which none runs yet
   */
  setUpOther(): Promise<Installation>;
  readonly postgres: OwnPostgres;
  readonly rabbit: OwnRabbitMq;
  /** Gets what the platform sends. */
  readonly receiver: Receiver;
  /** @returns what went wrong while the services stopped; empty when nothing did */
  stop(): Promise<string[]>;
}

export interface OwnInstallationOptions extends Pick<
  InstallationOptions,
  'replicas' | 'secrets' | 'builtIn' | 'envOf'
> {
  readonly postgres?: OwnPostgresOptions;
  /** Environment of the broker. */
  readonly rabbitEnv?: Readonly<Record<string, string>>;
}

/** How long a gateway waits for an answer: what a paused service had in hand is asked for again after so long. */
const REQUEST_TIMEOUT_MS = '3000';
/** A receiver that could not be told is told again soon. */
const WEBHOOK_SCHEDULE = Array.from({ length: 50 }, (_, n) => (n === 0 ? '0s' : '1s')).join(',');

const NONE = Object.fromEntries(SERVICES.map((name) => [name, 0]));

export async function startOwnInstallation(options: OwnInstallationOptions = {}): Promise<OwnInstallation> {
  const { replicas, secrets, builtIn, envOf = {} } = options;
  const [postgres, rabbit] = await Promise.all([ownPostgres(options.postgres), debianRabbitMq(options.rabbitEnv)]);
  const receiver = await startReceiver();
  const ofAll: InstallationOptions = {
    adminUrl: postgres.adminUrl,
    rolePrefix: 'handover',
    broker: { url: rabbit.url, prefix: 'faults' },
    envOf: {
      ...envOf,
      gateway: { REQUEST_TIMEOUT_MS, ...envOf.gateway },
      notifier: { WEBHOOK_SCHEDULE, SERVICE_SCHEDULE: WEBHOOK_SCHEDULE, ...envOf.notifier },
    },
  };
  const services = await startInstallation({
    ...ofAll,
    ...(replicas && { replicas }),
    ...(secrets && { secrets }),
    ...(builtIn !== undefined && { builtIn }),
  });
  const newToken = (): Promise<string> =>
    new SignJWT({ id: 'ann', roles: ['admin'], tenant: 'acme' })
      .setProtectedHeader({ alg: 'HS256' })
      .setJti(randomUUID())
      .setExpirationTime('6h')
      .sign(new TextEncoder().encode(services.secrets.jwt));
  return {
    url: await services.url(),
    token: await newToken(),
    newToken,
    setUpOther: () => startInstallation({ ...ofAll, secrets: services.secrets, replicas: NONE }),
    services,
    postgres,
    rabbit,
    receiver,
    async stop() {
      const ends = await services.stop();
      await receiver.close();
      await rabbit.stop();
      await postgres.stop();
      return ends;
    },
  };
}
