import {
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
  readonly postgres: OwnPostgres;
  readonly rabbit: OwnRabbitMq;
  /** Gets what the platform sends. */
  readonly receiver: Receiver;
  /** @returns what went wrong while the services stopped; empty when nothing did */
  stop(): Promise<string[]>;
}

export interface OwnInstallationOptions extends Pick<InstallationOptions, 'replicas' | 'envOf'> {
  readonly postgres?: OwnPostgresOptions;
  /** Environment of the broker. */
  readonly rabbitEnv?: Readonly<Record<string, string>>;
}

/** How long a gateway waits for an answer: what a paused service had in hand is asked for again after so long. */
const REQUEST_TIMEOUT_MS = '3000';
/** A receiver that could not be told is told again soon. */
const WEBHOOK_SCHEDULE = Array.from({ length: 50 }, (_, n) => (n === 0 ? '0s' : '1s')).join(',');

export async function startOwnInstallation(options: OwnInstallationOptions = {}): Promise<OwnInstallation> {
  const { replicas, envOf = {} } = options;
  const [postgres, rabbit] = await Promise.all([ownPostgres(options.postgres), debianRabbitMq(options.rabbitEnv)]);
  const receiver = await startReceiver();
  const services = await startInstallation({
    adminUrl: postgres.adminUrl,
    rolePrefix: 'handover',
    broker: { url: rabbit.url, prefix: 'faults' },
    ...(replicas && { replicas }),
    envOf: {
      ...envOf,
      gateway: { REQUEST_TIMEOUT_MS, ...envOf.gateway },
      notifier: { WEBHOOK_SCHEDULE, ...envOf.notifier },
    },
  });
  const newToken = (): Promise<string> =>
    new SignJWT({ id: 'ann', roles: ['admin'], tenant: 'acme' })
      .setProtectedHeader({ alg: 'HS256' })
      .setJti(randomUUID())
      .setExpirationTime('6h')
      .sign(services.jwtSecret);
  return {
    url: await services.url(),
    token: await newToken(),
    newToken,
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
