import { Dealer, type Context } from 'zeromq';
import { Outbox, type OutboxLimits, type Parcel } from '../delivery/outbox.js';
import { PendingRequests } from '../delivery/pending-requests.js';
import { Readiness } from '../delivery/readiness.js';
import type { BusLogger } from '../logger.js';
import { decodeBody } from '../message/body.js';
import type { Envelope } from '../message/envelope.js';
import { BusError, type Reply } from '../port.js';
import { Sender } from './sender.js';
import { decodeAnswers, encode, OVERHEAD_BYTES, type Answer, type Call } from './wire.js';

export interface LinkOptions {
  readonly context: Context;
  /** Service at the other end. */
  readonly service: string;
  readonly address: string;
  readonly curve: object;
  readonly heartbeatMs: number;
  readonly maxBodyBytes: number;
  readonly limits: OutboxLimits;
  readonly connectMs: number;
  readonly resendMs: number;
  readonly logger: BusLogger;
}

/** A body with its envelope, encoded once however often it is sent. */
export interface Packed {
  readonly envelope: Envelope;
  readonly body: Buffer;
}

const RECONNECT_MS = 50;
const RECONNECT_MOST_MS = 1_000;
const TICK_MS = 500;
const QUIET_TURNS = 3;
const HIGH_WATER_MARK = 4_096;
const MAX_REQUESTS = 1_024;

/**
 * This process's connection to one service. libzmq reconnects and beats; a hello answered by a welcome tells that the
 * service's process, and not only its socket, is there. Nothing is handed to the transport before, so what it still holds
 * when a connection breaks is no more than the windows: that goes out with the next connection, in front of what is sent
 * again, and is ignored there by its session.
 * (The option `immediate`, made for this, has libzmq 4.3.5 throw away what was received and not yet read.)
 */
export class Link {
  readonly #socket: Dealer;
  readonly #outboxes = new Map<string, Outbox<Packed>>();
  readonly #requests = new PendingRequests(MAX_REQUESTS);
  readonly #ticker: NodeJS.Timeout;
  readonly #sender: Sender;
  #received = 0;
  /** Counts connections, so that the end of one is not taken for that of the next. */
  #handshakes = 0;
  #peer: string | undefined;
  /** What the peer calls this connection. */
  #session = '';
  /** There is a connection; the peer's process may still have to answer the hello. */
  #connected = false;
  readonly #readiness = new Readiness();
  #refusal: string | undefined;

  constructor(readonly options: LinkOptions) {
    const { context, heartbeatMs, maxBodyBytes, curve } = options;
    this.#socket = new Dealer({
      context,
      // A send never waits, so two never overlap (the library refuses that).
      sendTimeout: 0,
      linger: 0,
      sendHighWaterMark: HIGH_WATER_MARK,
      receiveHighWaterMark: HIGH_WATER_MARK,
      reconnectInterval: RECONNECT_MS,
      reconnectMaxInterval: RECONNECT_MOST_MS,
      heartbeatInterval: heartbeatMs,
      heartbeatTimeout: heartbeatMs * 2,
      heartbeatTimeToLive: heartbeatMs * 2,
      maxMessageSize: maxBodyBytes + OVERHEAD_BYTES,
      ...curve,
    });
    this.#sender = new Sender(this.#socket, options.logger);
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  connect(): void {
    const { events } = this.#socket;
    events.on('handshake', () => this.#greet());
    events.on('disconnect', () => this.#lost(this.#handshakes));
    events.on('handshake:error:auth', () => this.#refused('it does not allow the key of this process'));
    events.on('handshake:error:protocol', () => this.#refused('keys or protocol do not match'));
    this.#socket.connect(this.options.address);
    void this.#receive();
  }

  get isUp(): boolean {
    return this.#readiness.isUp;
  }

  /** Resolves true as soon as the link is up, false when it is not within the time a connection is waited for. */
  whenUp(timeoutMs = this.options.connectMs): Promise<boolean> {
    return this.#readiness.whenUp(timeoutMs);
  }

  /** @throws BusError `unavailable` without a connection or when it broke meanwhile, `overloaded`, `timeout` */
  async request({ envelope, body }: Packed, timeoutMs: number): Promise<Reply> {
    const { service, connectMs } = this.options;
    const started = performance.now();
    if (!this.isUp && !(await this.whenUp(Math.min(connectMs, timeoutMs)))) {
      throw new BusError('unavailable', `no connection to ${service}`);
    }
    const remainingMs = timeoutMs - (performance.now() - started);
    return this.#requests.open(service, Math.round(remainingMs), (correlation) => {
      if (this.#send({ kind: 'request', correlation, service, envelope }, body)) return;
      throw new BusError('unavailable', `${service} takes no messages: it is gone or does not read`);
    });
  }

  /** Delivers to a queue or subscription of the service; see {@link Outbox.submit}. */
  deliver(destination: string, packed: Packed, timeoutMs: number): Promise<void> {
    return this.#outbox(destination).submit(packed, packed.body.length, timeoutMs);
  }

  /** @returns false when it could not leave this process */
  broadcast(channel: string, { envelope, body }: Packed): boolean {
    return this.#send({ kind: 'broadcast', channel, envelope }, body);
  }

  /** Best effort, like a broadcast. */
  announce(topic: string, { body }: Packed): boolean {
    return this.#send({ kind: 'announcement', topic }, body);
  }

  close(reason: BusError): void {
    clearInterval(this.#ticker);
    this.#readiness.down();
    this.#readiness.settle();
    for (const outbox of this.#outboxes.values()) outbox.close(reason);
    this.#requests.failAll(reason);
    this.#socket.close();
  }

  #outbox(destination: string): Outbox<Packed> {
    const known = this.#outboxes.get(destination);
    if (known) return known;
    const { service, limits } = this.options;
    const outbox = new Outbox<Packed>(`${destination} at ${service}`, limits, (parcel) =>
      this.#transmit(destination, parcel),
    );
    this.#outboxes.set(destination, outbox);
    if (this.isUp) outbox.open();
    return outbox;
  }

  #transmit(destination: string, { sequence, sends, remainingMs, content }: Parcel<Packed>): boolean {
    const { envelope, body } = content;
    const session = this.#session;
    return this.#send({ kind: 'delivery', sequence, session, destination, sends, remainingMs, envelope }, body);
  }

  /** @returns false when too much waits for the transport already */
  #send(head: Call, body?: Buffer): boolean {
    return this.#sender.send(encode(head, body));
  }

  async #receive(): Promise<void> {
    for await (const frames of this.#socket) {
      this.#received++;
      try {
        for (const { head, body } of decodeAnswers(frames)) this.#handle(head, body);
      } catch (error) {
        this.options.logger.warn({ err: error, service: this.options.service }, 'refused a malformed answer');
      }
    }
  }

  #handle(head: Answer, body: Buffer): void {
    switch (head.kind) {
      case 'welcome':
        return this.#welcome(head.incarnation, head.session);
      case 'reply':
        return this.#reply(head.correlation, head.status, body);
      case 'failed':
        return this.#requests.fail(
          head.correlation,
          new BusError(head.code, `${this.options.service}: ${head.reason}`),
        );
      case 'acknowledged':
        return this.#outboxes.get(head.destination)?.settle(head.sequence);
      case 'refused':
        return this.#outboxes.get(head.destination)?.settle(head.sequence, new BusError(head.code, head.reason));
    }
  }

  #reply(correlation: string, status: Reply['status'], body: Buffer): void {
    try {
      this.#requests.reply(correlation, { status, body: decodeBody(body, undefined, this.options.maxBodyBytes) });
    } catch (cause) {
      this.#requests.fail(
        correlation,
        new BusError('malformed', `reply of ${this.options.service} is not JSON`, { cause }),
      );
    }
  }

  #welcome(incarnation: string, session: string): void {
    const { logger, service } = this.options;
    if (this.#peer !== undefined && this.#peer !== incarnation) logger.info({ service }, 'the peer was restarted');
    this.#peer = incarnation;
    if (this.isUp && session === this.#session) return;
    // A late welcome of the connection before was taken for this one's: what was sent since is ignored there.
    if (this.isUp) for (const outbox of this.#outboxes.values()) outbox.reset();
    this.#session = session;
    logger.debug({ service }, 'connected');
    this.#refusal = undefined;
    this.#readiness.up();
    for (const outbox of this.#outboxes.values()) outbox.open();
  }

  #greet(): void {
    this.#handshakes++;
    this.#down();
    this.#connected = true;
    this.#send({ kind: 'hello' });
  }

  /** What arrived before the end is read first, it may be an answer: until nothing came for a few turns of the event loop. */
  #lost(connection: number, quietTurns = 0): void {
    const received = this.#received;
    setImmediate(() => {
      if (connection !== this.#handshakes || this.#socket.closed) return;
      const quiet = received === this.#received ? quietTurns + 1 : 0;
      if (quiet < QUIET_TURNS) this.#lost(connection, quiet);
      else this.#down();
    });
  }

  #down(): void {
    this.#connected = false;
    this.#sender.clear();
    if (!this.isUp) return;
    this.#readiness.down();
    const { logger, service } = this.options;
    logger.info({ service }, 'connection lost, connecting again');
    for (const outbox of this.#outboxes.values()) outbox.reset();
    this.#requests.failAll(
      new BusError('unavailable', `connection to ${service} lost; the request may have been carried out`),
    );
  }

  /** Told once: libzmq keeps trying. */
  #refused(reason: string): void {
    if (this.#refusal === reason) return;
    this.#refusal = reason;
    this.options.logger.error({ service: this.options.service }, `connection refused: ${reason}`);
  }

  /** A hello the peer's process was not ready for is said again; what was lost on a living connection is sent again. */
  #tick(): void {
    void this.#sender.flush();
    if (this.isUp) for (const outbox of this.#outboxes.values()) outbox.resend(this.options.resendMs);
    else if (this.#connected) this.#send({ kind: 'hello' });
  }
}
