import type { Retry } from '@handover/contracts';

/** What a service is told about a process: by default what it can do, and its instructions (decision 11). */
export interface StandardMessage {
  /** Id of the process. */
  readonly process: string;
  readonly etag: string;
  readonly actions: readonly { readonly key: string; readonly title: unknown; readonly [extra: string]: unknown }[];
  readonly instructions?: unknown;
}

/** What is known of a message beside itself. */
export interface Delivery {
  /** The service that is told. */
  readonly service: string;
  /** The same however often the message comes: what to remember in order to do it once. Empty when the sender says nothing. */
  readonly id: string;
  /** Id of the process. Empty when the sender says nothing. */
  readonly process: string;
  readonly etag: string;
  readonly tenant: string;
  /** W3C trace context of what caused it. */
  readonly traceparent: string | undefined;
  /** Counted from 1, as far as the transport knows. */
  readonly attempt: number;
  /** Aborted when the worker stops and does not wait any longer. */
  readonly signal: AbortSignal;
}

/**
 * Does what a service is asked for. What it returns is the service's reply and becomes a step of the process; nothing, when there
 * is none or it comes later by another way. May be called again with the same message.
 *
 * @throws anything: it is tried again later; a {@link WorkError} says when, or that it makes no sense.
 */
export type Handler<Message = StandardMessage> = (message: Message, delivery: Delivery) => Promise<unknown>;

/** A failure of which is known whether trying again makes sense. */
export class WorkError extends Error {
  override readonly name = 'WorkError';

  /** @param retryAfter seconds */
  constructor(
    message: string,
    readonly retry: Retry = 'retry',
    readonly retryAfter?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Services and who does their work, over one transport. The same handlers fit all transports. */
export interface Worker {
  /** Before the start. @throws Error when the service has a handler already */
  on<Message = StandardMessage>(service: string, handler: Handler<Message>): Worker;
  /** Resolves when messages are taken in. */
  start(): Promise<void>;
  /** Takes nothing more in and resolves when what is in hand is done, or was given back after the grace period. */
  stop(): Promise<void>;
}

/** What became of a message. */
export type Outcome =
  | { readonly kind: 'done'; readonly reply: unknown }
  | { readonly kind: 'retry'; readonly afterMs: number; readonly error: unknown }
  | { readonly kind: 'refused'; readonly error: unknown };

export interface WorkerOptions {
  /** How long a stop waits for handlers, in milliseconds; default 10,000. */
  readonly graceMs?: number;
  /** Told of every failure; default: written to the error output as one line. */
  readonly onError?: (error: unknown, context: { service: string; process: string; id: string }) => void;
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;

/** @returns what to do with the message: never throws */
export async function perform(handler: Handler<never>, message: unknown, delivery: Delivery): Promise<Outcome> {
  try {
    return { kind: 'done', reply: await handler(message as never, delivery) };
  } catch (error) {
    if (!(error instanceof WorkError)) return { kind: 'retry', afterMs: backoff(delivery.attempt), error };
    if (error.retry === 'never') return { kind: 'refused', error };
    const afterMs = error.retryAfter === undefined ? backoff(delivery.attempt) : error.retryAfter * 1_000;
    return { kind: 'retry', afterMs, error };
  }
}

/** Doubles with every attempt, with a jitter of a half so that failures of one moment do not come back together. */
export function backoff(attempt: number): number {
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
  return longest * (0.5 + Math.random() / 2);
}
