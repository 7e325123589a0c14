import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { Responder } from '../delivery/responder.js';
import type { BusLogger } from '../logger.js';
import { BusError, type RequestHandler } from '../port.js';
import type { Attachment, Connection } from './connection.js';
import { messageOf } from './properties.js';
import { reply } from './replies.js';

export interface RequestServerOptions {
  readonly queue: string;
  readonly handler: RequestHandler;
  readonly concurrency: number;
  readonly maxBodyBytes: number;
  readonly logger: BusLogger;
}

/**
 * One replica that answers requests. The queue lives as long as somebody serves it and is never written to disk.
 * Requests are acknowledged with their answer, so that `prefetch` bounds what is in hand; one that comes a second time
 * belonged to a replica that died with it and is refused, because the bus never repeats a request.
 */
export class RequestServer implements Attachment {
  readonly #responder: Responder;
  #channel: Channel | undefined;
  #consumerTag = '';

  constructor(
    readonly connection: Connection,
    readonly options: RequestServerOptions,
  ) {
    const { handler, concurrency, maxBodyBytes, logger } = options;
    this.#responder = new Responder(handler, concurrency, concurrency, maxBodyBytes, logger);
  }

  async attach(model: ChannelModel): Promise<void> {
    const { queue, concurrency } = this.options;
    const channel = await this.connection.supervise(model.createChannel());
    await channel.prefetch(concurrency);
    await channel.assertQueue(queue, { durable: false, autoDelete: true });
    this.#channel = channel;
    const { consumerTag } = await channel.consume(queue, (message) => this.#take(channel, message));
    this.#consumerTag = consumerTag;
  }

  detach(): void {
    this.#channel = undefined;
  }

  abort(): void {
    this.#responder.abort();
  }

  /** Takes no further requests and resolves when those in hand are answered. */
  async close(): Promise<void> {
    await this.#channel?.cancel(this.#consumerTag).catch(() => undefined);
    await this.#responder.drained();
    this.connection.remove(this);
    await this.#channel?.close().catch(() => undefined);
  }

  #take(channel: Channel, request: ConsumeMessage | null): void {
    if (!request) return this.connection.restart('the broker cancelled a consumer');
    const answer = (result: Parameters<typeof reply>[2]) => this.#answer(channel, request, result);
    if (request.fields.redelivered) {
      return answer(
        new BusError('unavailable', 'the replica that had the request is gone; it may have been carried out'),
      );
    }
    try {
      this.#responder.accept(messageOf(request, this.options.maxBodyBytes), answer);
    } catch (error) {
      this.options.logger.warn({ err: error, queue: this.options.queue }, 'refused a malformed request');
      answer(error instanceof BusError ? error : new BusError('malformed', 'the request cannot be read'));
    }
  }

  #answer(channel: Channel, request: ConsumeMessage, result: Parameters<typeof reply>[2]): void {
    // The broker delivers it again, and then it is refused.
    if (channel !== this.#channel) return;
    try {
      reply(channel, request, result);
      channel.ack(request);
    } catch (error) {
      this.options.logger.debug({ err: error }, 'a reply could not be sent: the channel is closing');
    }
  }
}
