import {
  debianRabbitMq,
  ownPostgres,
  startInstallation,
  startReceiver,
  type Installation,
  type InstallationOptions,
  type OwnPostgres,
  type OwnRabbitMq,
  type Receiver,
} from '@handover/testkit';
import { SignJWT } from 'jose';

/** An installation with a Postgres and a RabbitMQ of its own, which may be broken. */
export interface OwnInstallation {
  /** Address of the gateway that clients use; may be set to another one. */
  url: string;
  /** Bearer token of a caller who may do everything. */
  readonly token: string;
  readonly services: Installation;
  readonly postgres: OwnPostgres;
  readonly rabbit: OwnRabbitMq;
  /** Gets what the platform sends. */
  readonly receiver: Receiver;
  /** @returns what went wrong while the services stopped; empty when nothing did */
  stop(): Promise<string[]>;
}

export interface OwnInstallationOptions extends Pick<InstallationOptions, 'replicas' | 'envOf'> {
  /** Where the data of Postgres goes; default: a temporary folder. */
  readonly postgresDirectory?: string;
}

/** How long a gateway waits for an answer: what a paused service had in hand is asked for again after so long. */
const REQUEST_TIMEOUT_MS = '3000';
/** A receiver that could not be told is told again soon. */
const WEBHOOK_SCHEDULE = Array.from({ length: 50 }, (_, n) => (n === 0 ? '0s' : '1s')).join(',');

export async function startOwnInstallation(options: OwnInstallationOptions = {}): Promise<OwnInstallation> {
  const { postgresDirectory, replicas, envOf = {} } = options;
  const [postgres, rabbit] = await Promise.all([ownPostgres(postgresDirectory), debianRabbitMq()]);
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
  const token = await new SignJWT({ id: 'ann', roles: ['admin'], tenant: 'acme' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('6h')
    .sign(services.jwtSecret);
  return {
    url: await services.url(),
    token,
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
