import { Responder } from '../delivery/responder.js';
import type { BusLogger } from '../logger.js';
import {
  BusError,
  type BroadcastHandler,
  type MessageHandler,
  type Registration,
  type RequestHandler,
} from '../port.js';
import { registration } from '../registration.js';
import type { Destination } from '../topology/directory.js';
import type { Respond } from './doorway.js';
import { Inbox } from './inbox.js';
import { messageOf, type Call } from './wire.js';

/** Requests waiting for a handler to be free; one more is answered `overloaded`. */
const WAITING_REQUESTS = 1_024;

/** Hands what came in by the doorway to the handlers of this process. */
export class Reception {
  readonly #inboxes: ReadonlyMap<string, Inbox>;
  readonly #listeners = new Map<string, Set<BroadcastHandler>>();
  #responder: Responder | undefined;
  #draining = false;

  constructor(
    owned: readonly Destination[],
    readonly maxBodyBytes: number,
    readonly logger: BusLogger,
  ) {
    this.#inboxes = new Map(owned.map(({ name }) => [name, new Inbox(name, maxBodyBytes, logger)]));
  }

  respond(handler: RequestHandler, concurrency: number): Registration {
    if (this.#responder) throw new Error('requests to this service are answered by another handler already');
    const responder = new Responder(handler, concurrency, WAITING_REQUESTS, this.maxBodyBytes, this.logger);
    this.#responder = responder;
    return registration(async () => {
      this.#responder = undefined;
      await responder.drained();
    });
  }

  consume(destination: string, handler: MessageHandler, concurrency: number): Registration {
    const inbox = this.#inbox(destination);
    if (inbox.intake.isOpen) throw new Error(`"${destination}" is consumed by another handler already`);
    inbox.intake.open(handler, concurrency);
    return registration(() => inbox.intake.close());
  }

  listen(channel: string, handler: BroadcastHandler): Registration {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(handler));
    return registration(async () => {
      listeners.delete(handler);
    });
  }

  handle(call: Exclude<Call, { kind: 'hello' | 'announcement' }>, body: Buffer, respond: Respond): void {
    switch (call.kind) {
      case 'request':
        return this.#request(call, body, respond);
      case 'delivery':
        return this.#deliver(call, body, respond);
      case 'broadcast':
        return this.#hear(call, body);
    }
  }

  /** Takes nothing new in and resolves when the handlers in hand are through. */
  async drained(): Promise<void> {
    this.#draining = true;
    await Promise.all([this.#responder?.drained(), ...[...this.#inboxes.values()].map(({ intake }) => intake.close())]);
  }

  /** Tells the handlers in hand to give up. */
  abort(): void {
    this.#responder?.abort();
    for (const { intake } of this.#inboxes.values()) intake.abort();
  }

  #inbox(destination: string): Inbox {
    const inbox = this.#inboxes.get(destination);
    if (!inbox) throw new BusError('unroutable', `"${destination}" is not consumed by this service`);
    return inbox;
  }

  #request(call: Call & { kind: 'request' }, body: Buffer, respond: Respond): void {
    const { correlation, envelope, service } = call;
    const fail = ({ code, message: reason }: BusError) => respond({ kind: 'failed', correlation, code, reason });
    if (!this.#responder || this.#draining) {
      return fail(new BusError('unavailable', `${service} answers no requests just now`));
    }
    try {
      this.#responder.accept(messageOf(envelope, body, this.maxBodyBytes), (result) => {
        if (result instanceof BusError) return fail(result);
        respond({ kind: 'reply', correlation, status: result.status }, result.body);
      });
    } catch (error) {
      fail(error instanceof BusError ? error : new BusError('malformed', 'the request cannot be read'));
    }
  }

  #deliver(call: Call & { kind: 'delivery' }, body: Buffer, respond: Respond): void {
    const { sequence, destination } = call;
    const inbox = this.#inboxes.get(destination);
    if (inbox) return inbox.accept(call, body, respond);
    const reason = `"${destination}" is not consumed by this service`;
    respond({ kind: 'refused', sequence, destination, code: 'unroutable', reason });
  }

  #hear({ channel, envelope }: Call & { kind: 'broadcast' }, body: Buffer): void {
    const listeners = this.#listeners.get(channel);
    if (!listeners?.size) return;
    const message = messageOf(envelope, body, this.maxBodyBytes);
    for (const listener of listeners) {
      try {
        listener(message);
      } catch (error) {
        this.logger.error({ err: error, channel, id: message.id }, 'broadcast listener threw');
      }
    }
  }
}
