/**
 * The one port through which services speak to each other. Two adapters implement it (`amqp`, `zeromq`) and pass one
 * contract suite; what an adapter cannot promise it declares in {@link BusCapabilities}, with the reason.
 *
 * Four ways to speak, told apart by what a resolved promise means:
 *
 * | verb        | to whom                          | resolves when                                   | lost when a process dies?            |
 * |-------------|----------------------------------|-------------------------------------------------|--------------------------------------|
 * | `request`   | one replica of a service         | its reply arrived                               | yes: rejects, the caller decides     |
 * | `send`      | one consumer of a queue          | the message is safe (see `send`)                | no: redelivered until acknowledged   |
 * | `publish`   | every durable subscription       | the message is safe with each of them           | no: redelivered until acknowledged   |
 * | `broadcast` | every running process            | it left this process                            | yes: best effort, a hint only        |
 */

/** What travels beside the body. Adapters carry these as transport headers, never inside the body. */
export interface MessageHeaders {
  /** Id of the REST request or queue message that caused this one; appears in every log line. */
  readonly requestId?: string;
  /** W3C trace context. */
  readonly traceparent?: string;
  /** Tenant the message belongs to; informative: rights come from the principal alone. */
  readonly tenant?: string;
  /** Signed principal (compact JWS), see contracts. */
  readonly principal?: string;
  /** Bearer token of an outsider's message, to be exchanged for a principal. */
  readonly authorization?: string;
  readonly idempotencyKey?: string;
  /** Absolute, in milliseconds since the epoch. A receiver drops a request whose deadline has passed. */
  readonly deadline?: number;
  /** Media type of the body; `application/json` unless said otherwise. */
  readonly contentType?: string;
}

export interface Message {
  /** Unique per message, stable over redelivery: a consumer's mark of what it has seen. 1 to 255 characters. */
  readonly id: string;
  /** Literal versioned name, such as `process.step.v1`. 1 to 255 characters. */
  readonly type: string;
  /** Messages with the same key reach a queue's or subscription's handler one after the other, in the order they were sent. */
  readonly key?: string;
  readonly headers: MessageHeaders;
  /** Any JSON value, or one that is text already ({@link JsonText}); at most 8 MiB encoded unless configured otherwise. Headers may take 32 KiB. */
  readonly body: unknown;
}

/** A message as a handler sees it. */
export interface Delivery extends Message {
  /** 1 for the first delivery. Counts deliveries that a crash or a broken connection took back, too. */
  readonly attempt: number;
  /** Aborted when the request's deadline passes, or when the bus stops and the grace of {@link Bus.stop} is over. */
  readonly signal: AbortSignal;
}

/** Answer to a request. The bus carries it as it is; its meaning belongs to the contracts. */
export interface Reply {
  /** `ok` or `problem`; lets a caller and a log tell success from failure without reading the body. */
  readonly status: 'ok' | 'problem';
  readonly body: unknown;
}

/**
 * What became of a delivered message:
 * - `done`: acknowledged, never delivered again
 * - `retry`: delivered again, after `afterMs` or a backoff of 100 ms to 30 s; later messages of the same key wait for it.
 *   Given up in the end: AMQP makes it a dead letter after the delivery limit, ZeroMQ drops it when its sender's time is over
 * - `reject`: never delivered again; kept in the dead-letter queue with `reason` where the adapter has one
 * A handler that throws means `retry`.
 */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly afterMs?: number; readonly reason?: string }
  | { readonly kind: 'reject'; readonly reason: string };

export type RequestHandler = (request: Delivery) => Promise<Reply>;
export type MessageHandler = (message: Delivery) => Promise<Outcome>;
export type BroadcastHandler = (message: Message) => void;

/**
 * A message of somebody who knows nothing of the bus, as it came: nothing of it is checked or trusted but its size.
 */
export interface ForeignMessage {
  /** What the message says it is: its `type`, or else its routing key; may be empty. */
  readonly name: string;
  /** The sender's id, where there is one of 1 to 255 characters. */
  readonly id?: string;
  readonly correlationId?: string;
  /** Media type of the body; JSON when absent. */
  readonly contentType?: string;
  /** The sender's text headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it came. */
  readonly content: Buffer;
  /** Whether the sender waits for a reply. Without, a reply is made and dropped. */
  readonly wantsReply: boolean;
}

/** A foreign message as a handler sees it. */
export interface ForeignDelivery extends ForeignMessage {
  /** As in {@link Delivery}. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/** What goes back to a foreign sender. */
export interface ForeignReply {
  /** `ok` or `problem`. */
  readonly status: Reply['status'];
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string | number>>;
  /** Any JSON value; undefined for no body at all. */
  readonly body?: unknown;
}

/** An {@link Outcome} and what the sender is told of it, before the message is acknowledged. */
export type ForeignOutcome =
  | { readonly kind: 'done'; readonly reply: ForeignReply }
  | { readonly kind: 'retry'; readonly afterMs?: number; readonly reason?: string }
  | { readonly kind: 'reject'; readonly reason: string; readonly reply: ForeignReply };

export type ForeignHandler = (message: ForeignDelivery) => Promise<ForeignOutcome>;

/** A registered handler. `close` stops its intake and waits for the deliveries in hand. Idempotent. */
export interface Registration {
  close(): Promise<void>;
}

export interface ConsumeOptions {
  /** Most handlers running at a time, and on AMQP the prefetch: messages that wait for a retry count there too. Default 32. */
  readonly concurrency?: number;
}

/**
 * Names both ends agree on before anything runs. A brokerless transport has nobody else to ask who listens; the broker
 * declares its queues and bindings from the same list, so that nothing published before a consumer's first start is lost.
 */
export interface Topology {
  /** Every service that can be asked with `request`. */
  readonly services: readonly string[];
  /** Durable queues and the service that consumes each. */
  readonly queues: readonly { readonly name: string; readonly service: string }[];
  /**
   * Durable subscriptions: a name, the service that consumes it, and topic patterns of dot-separated words,
   * where `*` stands for one word and `#` for any number.
   */
  readonly subscriptions: readonly {
    readonly name: string;
    readonly service: string;
    readonly topics: readonly string[];
  }[];
  /**
   * Where outsiders' messages come in: a durable queue, the service that consumes it, the exchange they are published to and
   * the routing keys it takes.
   */
  readonly doors?: readonly {
    readonly name: string;
    readonly service: string;
    readonly exchange: string;
    readonly keys: readonly string[];
  }[];
}

/**
 * Why a message could not be handed over. `retryable` tells whether the same call may succeed later.
 * - `timeout`: handed over, outcome unknown; - `unavailable`: nobody there, or the connection broke before an answer;
 * - `overloaded`: pushed back, nothing was handed over; - `unroutable`: no such destination; - `malformed`: cannot be carried;
 * - `stopped`: this bus is stopped
 */
export class BusError extends Error {
  override readonly name = 'BusError';
  readonly code: 'timeout' | 'unavailable' | 'unroutable' | 'overloaded' | 'stopped' | 'malformed';

  constructor(code: BusError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get retryable(): boolean {
    return this.code !== 'unroutable' && this.code !== 'malformed';
  }
}

/** Promises an adapter does not make, each with its reason. Shown at start and skipped, with the reason, by the contract suite. */
export interface BusCapabilities {
  /** Several processes may serve one service name. */
  readonly replicas: true | string;
  /** A sent or published message is kept while its consumer is down, even if the sender dies after its promise resolved. */
  readonly storesMessages: true | string;
  /** Rejected and poison messages are kept for inspection. */
  readonly deadLetters: true | string;
}

export interface IntakeOptions extends ConsumeOptions {
  /** Messages of one key are handled one after the other, in the order they came; without a key all at the same time. */
  readonly keyOf?: (message: ForeignMessage) => string | undefined;
}

export interface Bus {
  readonly capabilities: BusCapabilities;

  /** Connects (AMQP) or binds (ZeroMQ). Resolves when messages can flow; rejects with the reason. Idempotent. */
  start(): Promise<void>;

  /**
   * Stops intake, waits for deliveries in hand up to `graceMs` (default 5,000), then closes. They may still send meanwhile;
   * what of one's own waits for an answer then is rejected with `stopped`. A stopped bus is not started again. Idempotent.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;

  /** Resolves while messages can flow; rejects with a BusError that says what is missing. For readiness probes. */
  ready(): Promise<void>;

  /**
   * Asks one replica of `service` and waits for its reply, at most `timeoutMs`, which becomes the deadline unless the
   * message has an earlier one. At most once per call: the bus itself never repeats a request. Without a connection it waits
   * a second for one; with nobody serving it fails at once.
   * @throws BusError `timeout` or, when the connection broke meanwhile, `unavailable`: it may or may not have been carried
   *   out; also `unavailable` (nobody serves, the handler failed), `overloaded`, `unroutable`, `malformed`, `stopped`
   */
  request(service: string, message: Message, options: { readonly timeoutMs: number }): Promise<Reply>;

  /**
   * Answers requests to `service`, which must be this process's own. A handler that throws leaves the caller with a BusError
   * `unavailable`, so handlers reply with problems instead. May be called before {@link start}, like all registrations.
   * @throws Error when another handler is registered
   */
  respond(service: string, handler: RequestHandler, options?: ConsumeOptions): Promise<Registration>;

  /**
   * Hands a command to a durable queue of the topology. AMQP resolves on the broker's confirm; ZeroMQ, which has no one to
   * keep it, resolves when the consumer has acknowledged. Either sends again by itself when a connection breaks, in order,
   * until `timeoutMs` (default 30,000) is over. Sends beyond the window wait for their turn; beyond the waiting room they
   * are refused at once.
   * @throws BusError `unavailable` (no connection in time), `timeout` (handed over, not acknowledged in time), `overloaded`
   *   (no turn in time, or refused at once), `unroutable`, `malformed`, `stopped`
   */
  send(queue: string, message: Message, options?: { readonly timeoutMs?: number }): Promise<void>;

  /**
   * Consumes a queue of the topology that belongs to this service. Order holds per message key, over redeliveries and
   * replicas; a replica cut off from the broker may still run the handler of what another has been given meanwhile.
   * @throws BusError `unroutable` when it is not this service's; Error when another handler is registered
   */
  consume(queue: string, handler: MessageHandler, options?: ConsumeOptions): Promise<Registration>;

  /**
   * Announces an event under a topic of dot-separated words to every matching durable subscription; with none it resolves.
   * Resolves and rejects like {@link Bus.send}, for all subscriptions together: after a rejection some may have it.
   */
  publish(topic: string, message: Message, options?: { readonly timeoutMs?: number }): Promise<void>;

  /** Consumes a durable subscription of the topology. Order holds per message key. */
  subscribe(subscription: string, handler: MessageHandler, options?: ConsumeOptions): Promise<Registration>;

  /** Tells every running process, this one excluded. Best effort: whoever acts on it must also be right without it. */
  broadcast(channel: string, message: Message): Promise<void>;

  listen(channel: string, handler: BroadcastHandler): Promise<Registration>;

  /**
   * Takes in what outsiders send to a door of the topology that belongs to this service. A message no handler can make sense
   * of comes too: whatever it is, the handler says what its sender is told. The reply leaves before the message is
   * acknowledged, so a crash in between means a second delivery, never silence. Does nothing where the door is shut: ZeroMQ
   * without an address for it.
   * @throws BusError `unroutable` when it is not this service's; Error when another handler is registered
   */
  intake(door: string, handler: ForeignHandler, options?: IntakeOptions): Promise<Registration>;
}
