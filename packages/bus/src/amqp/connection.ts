import { connect, type Channel, type ChannelModel, type RecoveringChannelModel } from 'amqplib';
import { Readiness } from '../delivery/readiness.js';
import { settledWithin } from '../delivery/timer.js';
import type { BusLogger } from '../logger.js';
import { BusError } from '../port.js';
import type { AmqpTls } from './config.js';

/** Something that lives on the connection and is put on it again whenever it comes back. */
export interface Attachment {
  attach(model: ChannelModel): Promise<void>;
  /** The connection is gone, and every channel with it. Must not throw. */
  detach(): void;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly tls: AmqpTls | undefined;
  readonly name: string;
  readonly heartbeatSeconds: number;
  readonly logger: BusLogger;
  /** Declares what must exist before anything is attached. */
  readonly declare: (model: ChannelModel) => Promise<void>;
}

const HANDSHAKE_MS = 10_000;
const FIRST_RECONNECT_MS = 100;
const MOST_RECONNECT_MS = 3_000;
const CLOSE_MS = 2_000;

/**
 * One connection to the broker that comes back: amqplib reconnects with backoff and jitter and beats; after every connect the
 * topology is declared and every attachment attached, in order. A channel that fails takes the whole connection with it:
 * there is one way to recover, and it is the one the tests walk.
 */
export class Connection {
  /** Private to the letter: the URL holds a password. */
  readonly #options: ConnectionOptions;
  readonly #attachments = new Set<Attachment>();
  #recovering: RecoveringChannelModel | undefined;
  /** The newest connection, from its opening on. */
  #newest: ChannelModel | undefined;
  /** The same, as soon as everything is attached. */
  #model: ChannelModel | undefined;
  #blocked: string | undefined;
  #lastError: Error | undefined;
  readonly #readiness = new Readiness();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** @throws BusError `unavailable` with the last reason when the broker refuses or is not there within `timeoutMs` */
  async open(timeoutMs: number): Promise<void> {
    const { url, tls, name, heartbeatSeconds } = this.#options;
    const recovering = await connect(withHeartbeat(url, heartbeatSeconds), {
      ...tls,
      noDelay: true,
      timeout: HANDSHAKE_MS,
      clientProperties: { connection_name: name },
      recovery: {
        initialDelay: FIRST_RECONNECT_MS,
        maxDelay: MOST_RECONNECT_MS,
        jitter: 0.5,
        waitForConnect: false,
        setup: (model: ChannelModel) => this.#setUp(model),
      },
    });
    this.#recovering = recovering;
    this.#observe(recovering);
    if (await this.whenUp(timeoutMs)) return;
    await this.close();
    throw new BusError(
      'unavailable',
      `no connection to the broker: ${this.#lastError?.message ?? `no answer within ${timeoutMs} ms`}`,
      {
        cause: this.#lastError,
      },
    );
  }

  /** Resolves true as soon as everything is attached, false when it is not within `timeoutMs`. */
  whenUp(timeoutMs: number): Promise<boolean> {
    return this.#readiness.whenUp(timeoutMs);
  }

  /** @throws BusError `unavailable` while there is no connection or the broker blocks publishers */
  assertReady(): void {
    if (!this.#model)
      throw new BusError('unavailable', `no connection to the broker: ${this.#lastError?.message ?? 'not started'}`);
    if (this.#blocked !== undefined)
      throw new BusError('unavailable', `the broker blocks publishers: ${this.#blocked}`);
  }

  /** Attaches now, or with the next connect when there is none. */
  async add(attachment: Attachment): Promise<void> {
    this.#attachments.add(attachment);
    if (!this.#model) return;
    try {
      await attachment.attach(this.#model);
    } catch (error) {
      this.restart('could not attach', error);
    }
  }

  remove(attachment: Attachment): void {
    this.#attachments.delete(attachment);
  }

  /** Waits for a channel to open; when the broker closes it later, the connection goes with it. */
  async supervise<T extends Channel>(opening: Promise<T>): Promise<T> {
    const channel = await opening;
    channel.on('error', (error: Error) => this.restart('channel failed', error));
    return channel;
  }

  /** Gives the connection up for a new one. */
  restart(reason: string, error?: unknown): void {
    this.#options.logger.warn({ err: error }, `connecting again: ${reason}`);
    this.#newest?.close().catch(() => undefined);
  }

  /** Closes for good. Unacknowledged deliveries go back to their queues. */
  async close(): Promise<void> {
    this.#detach();
    this.#readiness.settle();
    if (this.#recovering) await settledWithin(this.#recovering.close(), CLOSE_MS);
  }

  #observe(recovering: RecoveringChannelModel): void {
    const { logger } = this.#options;
    recovering.on('disconnect', (error) => {
      this.#lastError = error;
      logger.warn({ err: error }, 'connection to the broker lost');
      this.#detach();
    });
    recovering.on('connect-failed', (error) => {
      this.#lastError = error;
      logger.warn({ err: error }, 'no connection to the broker');
      if (isRefusal(error)) this.#readiness.settle();
    });
    recovering.on('error', (error) => logger.warn({ err: error }, 'connection to the broker failed'));
    recovering.on('blocked', (reason) => (this.#blocked = reason));
    recovering.on('unblocked', () => (this.#blocked = undefined));
  }

  async #setUp(model: ChannelModel): Promise<void> {
    this.#newest = model;
    // amqplib listens for errors only once the set-up is through.
    model.on('error', () => undefined);
    try {
      await this.#options.declare(model);
      for (const attachment of this.#attachments) await attachment.attach(model);
    } catch (error) {
      this.#detach();
      throw error;
    }
    this.#model = model;
    this.#readiness.up();
  }

  #detach(): void {
    this.#model = undefined;
    this.#readiness.down();
    this.#blocked = undefined;
    for (const attachment of this.#attachments) attachment.detach();
  }
}

/** Whether the broker is there and says no (access, arguments of a queue): waiting will not help. */
function isRefusal(error: Error & { code?: unknown }): boolean {
  return error.message.startsWith('Handshake terminated by server') || error.code === 403 || error.code === 406;
}

/** @throws Error when it is no AMQP URL; the URL itself is not repeated, it holds a password. */
export function checkUrl(url: string): void {
  if (!URL.canParse(url) || !/^amqps?:$/.test(new URL(url).protocol))
    throw new Error('url is not an amqp:// or amqps:// URL');
}

function withHeartbeat(url: string, seconds: number): string {
  const parsed = new URL(url);
  parsed.searchParams.set('heartbeat', String(seconds));
  return parsed.href;
}
