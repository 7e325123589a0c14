import type { BusLogger } from '../logger.js';
import type { OutboxLimits } from '../delivery/outbox.js';
import type { Topology } from '../port.js';

/** Keys are Z85 text of 40 characters, as `zeromq.curveKeyPair()` makes them. */
export interface CurveConfig {
  readonly publicKey: string;
  readonly secretKey: string;
  /** Public key of every service's endpoint, by service. */
  readonly serverKeys: Readonly<Record<string, string>>;
  /** Public keys of the processes that may connect to the services' endpoints. */
  readonly allowedClients: readonly string[];
  /** Public keys of the outsiders that may connect to the sockets for them, and to nothing else. */
  readonly allowedOutsiders?: readonly string[];
}

/** Sockets for outsiders, bound by one service. Without an address there is none. */
export interface OutsideConfig {
  /** Service that binds them. Its doors are behind `commands`. */
  readonly service: string;
  /** ROUTER that takes commands in. */
  readonly commands?: string;
  /** PUB that says everything published, by whatever service. */
  readonly events?: string;
}

export interface ZeromqConfig {
  readonly transport: 'zeromq';
  /** Service this process is; its endpoint is bound, the others are connected to. */
  readonly service: string;
  /** `ipc:///private/directory/name.sock` or `tcp://host:port`, by service. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly topology: Topology;
  readonly logger: BusLogger;
  readonly outside?: OutsideConfig;
  /** Needed as soon as an endpoint leaves loopback; used for every endpoint when given. */
  readonly curve?: CurveConfig;
  /** Largest encoded body. Default 8 MiB. */
  readonly maxBodyBytes?: number;
  /** A peer that is silent for two of these is taken for dead. Default 2,000. */
  readonly heartbeatMs?: number;
  /** What may be under way to one queue or subscription before senders wait. */
  readonly window?: Partial<OutboxLimits>;
  /** How long a request waits for a connection before it rejects `unavailable`. Default 1,000. */
  readonly connectMs?: number;
  /** After how long an unacknowledged message is sent again on a living connection. Default 5,000. */
  readonly resendMs?: number;
}
