import type { AmqpConfig, Topology, ZeromqConfig } from '@handover/bus';

/** One queue between two processes, which the tests of the bus break in every way. */
export const QUEUE = 'consumer.work';
export const TOPOLOGY: Topology = {
  services: ['producer', 'consumer'],
  queues: [{ name: QUEUE, service: 'consumer' }],
  subscriptions: [],
};

/** A configuration another process can be handed. */
export type PortableConfig = Omit<AmqpConfig, 'logger'> | Omit<ZeromqConfig, 'logger'>;

/** What is sent: the `step`th message of its key. */
export interface Step {
  readonly key: string;
  readonly step: number;
  readonly filler: string;
}

export interface ProducerOptions {
  readonly bus: PortableConfig;
  /** So many, or until it is told to stop (SIGUSR2). */
  readonly messages?: number;
  /** Messages take turns with so many keys. */
  readonly keys: number;
  /** Bytes of filler in each. */
  readonly bytes: number;
  /** As fast as the bus takes them when absent. */
  readonly perSecond?: number;
}

/** What the producer says in the end. */
export interface Produced {
  readonly sent: number;
  readonly acknowledged: number;
  /** Sends that failed, by code: whoever waits long enough should see none. */
  readonly failed: Readonly<Record<string, number>>;
  /** How often it was pushed back and had to wait before it could send the next. */
  readonly pushedBack: number;
  /** Most messages handed to the bus and not yet acknowledged. */
  readonly mostUnacknowledged: number;
  /** Messages a second it offered until it was first pushed back. */
  readonly offeredPerSecond: number;
}

export interface ConsumerOptions {
  readonly bus: PortableConfig;
  /** How long it takes over a message. */
  readonly delayMs: number;
  readonly concurrency: number;
}

export const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
