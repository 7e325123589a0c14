import { BusError, type Delivery, type Message, type Reply, type RequestHandler } from '../port.js';
import type { BusLogger } from '../logger.js';
import { encodeBody } from '../message/body.js';
import { Cancellation } from './cancellation.js';

/** A reply with its body encoded. */
export interface PackedReply {
  readonly status: Reply['status'];
  readonly body: Buffer;
}

/** Brings the reply, or why there is none, back to the caller. Must not throw. */
export type Answer = (result: PackedReply | BusError) => void;

interface Waiting {
  readonly message: Message;
  readonly answer: Answer;
}

/** Runs a request handler for at most `concurrency` requests at a time; drops those whose deadline passed before their turn. */
export class Responder {
  readonly #waiting: Waiting[] = [];
  readonly #running = new Set<Cancellation>();
  #drained: (() => void)[] = [];

  /** @param limit most requests waiting for their turn; one more is answered `overloaded` */
  constructor(
    readonly handler: RequestHandler,
    readonly concurrency: number,
    readonly limit: number,
    readonly maxBodyBytes: number,
    readonly logger: BusLogger,
  ) {}

  accept(message: Message, answer: Answer): void {
    if (this.#running.size < this.concurrency) void this.#run({ message, answer });
    else if (this.#waiting.length < this.limit) this.#waiting.push({ message, answer });
    else answer(new BusError('overloaded', `${this.limit} requests are waiting already`));
  }

  /** Resolves when everything accepted is answered. */
  async drained(): Promise<void> {
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#drained.push(resolve));
  }

  /** Tells the handlers in hand that nobody waits for them any more. */
  abort(): void {
    for (const running of this.#running) running.cancel(new BusError('stopped', 'the bus stopped'));
  }

  async #run({ message, answer }: Waiting): Promise<void> {
    const cancellation = new Cancellation(message.headers.deadline);
    this.#running.add(cancellation);
    if (cancellation.deadline <= Date.now()) {
      this.logger.debug({ id: message.id, type: message.type }, 'request dropped: its deadline has passed');
      answer(new BusError('timeout', 'the deadline passed before the request was handled'));
    } else {
      answer(await this.#reply(cancellation.delivery(message, 1)));
      cancellation.end();
    }
    this.#running.delete(cancellation);
    this.#next();
  }

  async #reply(request: Delivery): Promise<PackedReply | BusError> {
    try {
      const { status, body } = await this.handler(request);
      return { status, body: encodeBody(body, this.maxBodyBytes) };
    } catch (error) {
      this.logger.error({ err: error, id: request.id, type: request.type }, 'request handler failed');
      return new BusError('unavailable', 'the request handler failed');
    }
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next) void this.#run(next);
    else if (this.#running.size === 0) for (const resolve of this.#drained.splice(0)) resolve();
  }
}
