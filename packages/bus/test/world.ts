import { randomUUID } from 'node:crypto';
import type { Recording } from '@handover/testkit';
import type { AmqpConfig, Bus, BusCapabilities, Message, Topology, ZeromqConfig } from '../src/index.js';

/** Deliveries after which an adapter with dead letters gives a message up, in these tests. */
export const DELIVERY_LIMIT = 4;

/** Small, so that tests reach it. */
export const WINDOW = { messages: 64, waiting: 100 };

export const TASKS = 'worker.tasks';
export const PROCESSES = 'worker.processes';
export const COMPLETED = 'audit.completed';

export const DOOR = 'worker.door';

export const TOPOLOGY: Topology = {
  services: ['caller', 'worker'],
  queues: [{ name: TASKS, service: 'worker' }],
  subscriptions: [
    { name: PROCESSES, service: 'worker', topics: ['*.process.#'] },
    { name: COMPLETED, service: 'audit', topics: ['#.completed', 'acme.scenario.*'] },
  ],
  doors: [{ name: DOOR, service: 'worker', exchange: 'door', keys: ['light.on', 'light.off'] }],
};

/** A configuration another process can be handed. */
export type PortableConfig = Omit<AmqpConfig, 'logger'> | Omit<ZeromqConfig, 'logger'>;

export interface DeadLetter {
  readonly id: string;
  readonly reason: string;
  /** Names of its headers. */
  readonly headers: readonly string[];
}

/** What an outsider sends, and what comes back, on whatever transport. */
export interface Knock {
  readonly name: string;
  readonly id?: string;
  readonly correlationId?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** Default true. */
  readonly wantsReply?: boolean;
}
export interface KnockReply {
  readonly status: string;
  readonly correlationId: string | undefined;
  readonly contentType: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** A client written with the transport's plain library. */
export interface Outsider {
  knock(knock: Knock): Promise<void>;
  /** Replies, as they come. */
  readonly replies: Recording<KnockReply>;
  /** Announcements matching what the client listens to: all of them. */
  readonly heard: Recording<readonly [topic: string, body: unknown]>;
  close(): Promise<void>;
}

/** One installation, apart from all others, with wires a test can break. */
export interface World {
  /** Configuration of one process. Two of one service are replicas. */
  readonly config: (service: string) => PortableConfig;
  /** A process's bus, not started. Stopped with the world. */
  readonly bus: (service: string) => Bus;
  /** Everything between the processes (ZeroMQ) or between them and the broker (AMQP). */
  readonly wires: {
    readonly cut: () => void;
    readonly stall: () => void;
    readonly down: () => Promise<void>;
    readonly up: () => Promise<void>;
  };
  /** A client of whom the platform knows nothing. Closed with the world. */
  readonly outsider: () => Promise<Outsider>;
  /** Waits for the next dead letter. Only where the adapter keeps them. */
  readonly deadLetter: () => Promise<DeadLetter>;
  /** Stops every bus and leaves nothing behind. */
  readonly dispose: () => Promise<void>;
}

export interface Contract {
  /** Opens a world for the test that runs. */
  readonly open: () => World;
  readonly capabilities: BusCapabilities;
}

export const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A message with an id of its own. */
export function message(body: unknown, rest: Partial<Message> = {}): Message {
  return { id: randomUUID(), type: 'test.v1', headers: {}, ...rest, body };
}

/** Started buses of these services. */
export async function started<const Services extends readonly string[]>(
  world: World,
  ...services: Services
): Promise<{ [Index in keyof Services]: Bus }> {
  const buses = services.map((service) => world.bus(service));
  await Promise.all(buses.map((bus) => bus.start()));
  return buses as { [Index in keyof Services]: Bus };
}

/** A door that stays shut until it is opened. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
