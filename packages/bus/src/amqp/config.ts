import type { OutboxLimits } from '../delivery/outbox.js';
import type { BusLogger } from '../logger.js';
import type { Topology } from '../port.js';

/** How to trust the broker and prove who we are, for an `amqps:` URL. PEM texts. */
export interface AmqpTls {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
}

export interface AmqpConfig {
  readonly transport: 'amqp';
  /** `amqp://` or `amqps://` with user, password and virtual host. */
  readonly url: string;
  /** Service this process is a replica of. */
  readonly service: string;
  readonly topology: Topology;
  readonly logger: BusLogger;
  /** First word of every name on the broker. Default `handover`. */
  readonly prefix?: string;
  readonly tls?: AmqpTls;
  /** Largest encoded body. Default 8 MiB. */
  readonly maxBodyBytes?: number;
  /** A broker that is silent for two of these is taken for dead. Default 10. */
  readonly heartbeatSeconds?: number;
  /**
   * After so many deliveries a message goes to the dead-letter queue. Default 20. Part of the queues' declaration: all
   * services must agree, and a change needs the queues to be deleted or a policy on the broker instead.
   */
  readonly deliveryLimit?: number;
  /** What may be unconfirmed by the broker before senders wait. */
  readonly window?: Partial<OutboxLimits>;
  /** How long a start waits for the broker, and at most 1,000 a request for a lost connection. Default 10,000. */
  readonly connectMs?: number;
}
