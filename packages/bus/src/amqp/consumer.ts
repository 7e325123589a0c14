import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import QuickLRU from 'quick-lru';
import { Intake, type Settlement, type Terms } from '../delivery/intake.js';
import type { BusLogger } from '../logger.js';
import { BusError, type Message, type MessageHandler } from '../port.js';
import type { Attachment, Connection } from './connection.js';
import { deliveriesBefore } from './properties.js';

export interface ConsumerOptions {
  /** Name in the topology, for logs. */
  readonly destination: string;
  readonly queue: string;
  readonly handler: MessageHandler;
  readonly concurrency: number;
  readonly deliveryLimit: number;
  /** Makes a message of what came. @throws BusError `malformed` */
  readonly read: (delivery: ConsumeMessage) => Message;
  readonly logger: BusLogger;
  /** Keeps a copy among the dead letters; rejects when the broker did not confirm it. */
  readonly bury: (letter: ConsumeMessage, reason: string, attempts: number) => Promise<void>;
}

/** Handled messages whose acknowledgement could not be written, to recognise them when they come again. */
const REMEMBERED = 10_000;

/**
 * Consumes one queue. A message to be retried is held here, unacknowledged, in front of the later ones of its key: giving
 * it back to the broker would let those overtake it. What was in hand when the connection broke comes again, in order;
 * a handler that still runs then is not run twice at once.
 */
export class Consumer implements Attachment {
  readonly #intake: Intake;
  readonly #unacknowledged = new QuickLRU<string, true>({ maxSize: REMEMBERED });
  #channel: Channel | undefined;

  constructor(
    readonly connection: Connection,
    readonly options: ConsumerOptions,
  ) {
    const { destination, deliveryLimit, logger, handler, concurrency } = options;
    this.#intake = new Intake({ name: destination, maxAttempts: deliveryLimit, logger });
    this.#intake.open(handler, concurrency);
  }

  async attach(model: ChannelModel): Promise<void> {
    const { queue, concurrency } = this.options;
    const channel = await this.connection.supervise(model.createChannel());
    await channel.prefetch(concurrency);
    this.#channel = channel;
    await channel.consume(queue, (delivery) => this.#take(channel, delivery));
  }

  detach(): void {
    this.#channel = undefined;
    this.#intake.orphan();
  }

  abort(): void {
    this.#intake.abort();
  }

  /**
   * Starts no further handler, waits for those running and gives everything else back to the queue. The broker's consumer
   * is not cancelled before: another replica would become active and get the next message of a key whose last one is still
   * in hand here.
   */
  async close(): Promise<void> {
    await this.#intake.close();
    this.connection.remove(this);
    await this.#channel?.close().catch(() => undefined);
  }

  #take(channel: Channel, delivery: ConsumeMessage | null): void {
    if (!delivery) return this.connection.restart('the broker cancelled a consumer');
    let message: Message;
    try {
      message = this.options.read(delivery);
    } catch (error) {
      const reason = error instanceof BusError ? error.message : 'cannot be read';
      return void this.#bury(channel, delivery, `malformed: ${reason}`, 1);
    }
    const { redelivered } = delivery.fields;
    if (redelivered && this.#unacknowledged.delete(message.id)) return this.#acknowledge(channel, delivery, message.id);
    const terms: Terms = {
      attemptsBefore: deliveriesBefore(delivery),
      expiresAt: Infinity,
      settle: (settlement) => this.#settle(channel, delivery, message.id, settlement),
    };
    if (redelivered && this.#intake.adopt(message.id, terms)) return;
    this.#intake.accept({ message, ...terms });
  }

  async #settle(channel: Channel, delivery: ConsumeMessage, id: string, settlement: Settlement): Promise<void> {
    if (settlement.kind === 'done') return this.#acknowledge(channel, delivery, id);
    if (settlement.kind === 'reject') await this.#bury(channel, delivery, settlement.reason, settlement.attempts, id);
  }

  async #bury(channel: Channel, letter: ConsumeMessage, reason: string, attempts: number, id?: string): Promise<void> {
    const { logger, destination, bury } = this.options;
    logger.error({ id, destination, reason, attempts }, 'rejected, kept among the dead letters');
    try {
      await bury(letter, reason, attempts);
      this.#acknowledge(channel, letter, id);
    } catch (error) {
      logger.error({ err: error, id, destination }, 'no confirm for a dead letter; leaving it to the broker');
      // The queue's own dead-letter exchange keeps it, without our reason.
      this.#tell(channel, () => channel.nack(letter, false, false));
    }
  }

  #acknowledge(channel: Channel, delivery: ConsumeMessage, id: string | undefined): void {
    if (this.#tell(channel, () => channel.ack(delivery))) return;
    if (id !== undefined) this.#unacknowledged.set(id, true);
  }

  /** @returns false when the channel of the delivery is gone: the broker will deliver it again */
  #tell(channel: Channel, tell: () => void): boolean {
    if (channel !== this.#channel) return false;
    try {
      tell();
      return true;
    } catch (error) {
      this.options.logger.debug({ err: error }, 'the channel is closing');
      return false;
    }
  }
}
