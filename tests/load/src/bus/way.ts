/** How one process asks another. */
export interface Way {
  readonly transport: 'amqp' | 'zeromq';
  /** By the bus of the platform, or by nothing but the transport's library. */
  readonly by: 'adapter' | 'bare';
  /** URL of the broker, or a directory nobody else may enter. */
  readonly place: string;
  /** Keeps this run's names on the broker apart from all others. */
  readonly name: string;
}

/** The asking side. */
export interface Asker {
  /** @returns the answer. @throws when there is none */
  ask(body: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** Answers in hand at a time, for everybody: the prefetch on RabbitMQ. */
export const IN_HAND = 32;
/** After so long nobody waits for the answer any more. */
export const PATIENCE_MS = 10_000;
