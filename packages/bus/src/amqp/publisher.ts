import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import { Outbox, type OutboxLimits, type Parcel } from '../delivery/outbox.js';
import { BusError } from '../port.js';
import type { Attachment, Connection } from './connection.js';

/** How amqplib tells a refusal by the broker from a channel that closed before the confirm came. */
const NACKED = 'message nacked';

/** A persistent message and where it goes. */
export interface Publication {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  readonly properties: Options.Publish;
  /** Whether a message that reaches no queue is an error. */
  readonly mandatory: boolean;
}

/**
 * Publishes with confirms on one channel, so order of submission is order of publication. What the broker had not
 * confirmed when the connection broke is published again, in order; it may then exist twice, with the same id.
 */
export class Publisher implements Attachment {
  readonly #outbox: Outbox<Publication>;
  /** Ids of messages the broker gave back; their confirm follows. */
  readonly #returned = new Set<string>();
  #channel: ConfirmChannel | undefined;

  constructor(
    readonly connection: Connection,
    limits: OutboxLimits,
  ) {
    this.#outbox = new Outbox('the broker', limits, (parcel) => this.#transmit(parcel));
  }

  /**
   * Resolves when the broker has the message on disk on a majority of its replicas.
   * @throws BusError `unroutable` (no queue took it), `overloaded` (too much under way, or a queue is full), `timeout`, `unavailable`, `stopped`
   */
  publish(publication: Publication, timeoutMs: number): Promise<void> {
    return this.#outbox.submit(publication, publication.body.length, timeoutMs);
  }

  async attach(model: ChannelModel): Promise<void> {
    const channel = await this.connection.supervise(model.createConfirmChannel());
    channel.on('return', ({ properties }) => this.#returned.add(String(properties.messageId)));
    this.#channel = channel;
    this.#outbox.open();
  }

  detach(): void {
    this.#channel = undefined;
    this.#returned.clear();
    this.#outbox.reset();
  }

  close(reason: BusError): void {
    this.#outbox.close(reason);
  }

  #transmit({ sequence, content }: Parcel<Publication>): boolean {
    const channel = this.#channel;
    if (!channel) return false;
    const { exchange, routingKey, body, properties, mandatory } = content;
    const options = { ...properties, persistent: true, mandatory };
    try {
      channel.publish(exchange, routingKey, body, options, (error: unknown) => {
        if (channel === this.#channel) this.#confirm(sequence, content, error);
      });
    } catch {
      return false;
    }
    return true;
  }

  #confirm(sequence: number, { properties, routingKey, exchange }: Publication, error: unknown): void {
    const nacked = error instanceof Error && error.message === NACKED;
    // The channel closed under it: it stays in the outbox and is published again on the next one.
    if (error && !nacked) return;
    const returned = this.#returned.delete(properties.messageId ?? '');
    if (nacked) {
      this.#outbox.settle(
        sequence,
        new BusError('overloaded', `the queue for ${routingKey} takes no more`, { cause: error }),
      );
    } else if (returned) {
      this.#outbox.settle(sequence, new BusError('unroutable', `no queue for ${routingKey} on exchange "${exchange}"`));
    } else {
      this.#outbox.settle(sequence);
    }
  }
}
