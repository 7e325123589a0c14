import type { Channel, ChannelModel, ConsumeMessage, Options } from 'amqplib';
import { PendingRequests } from '../delivery/pending-requests.js';
import { decodeBody } from '../message/body.js';
import { BusError, type Reply } from '../port.js';
import type { Attachment, Connection } from './connection.js';
import { failureOf } from './replies.js';

/** The broker's pseudo-queue of direct replies: no queue is declared, nothing is written to disk. */
const DIRECT_REPLY_TO = 'amq.rabbitmq.reply-to';
const MAX_REQUESTS = 1_024;

/** Asks by transient messages; the broker drops a request whose time is over and returns one that nobody serves. */
export class Requester implements Attachment {
  readonly #pending = new PendingRequests(MAX_REQUESTS);
  #channel: Channel | undefined;

  constructor(
    readonly connection: Connection,
    readonly maxBodyBytes: number,
    readonly connectMs: number,
  ) {}

  /** @throws BusError `unavailable` (nobody serves it, no connection, or it broke meanwhile), `overloaded`, `timeout` */
  async request(queue: string, body: Buffer, properties: Options.Publish, timeoutMs: number): Promise<Reply> {
    const started = performance.now();
    if (!this.#channel) await this.connection.whenUp(Math.min(this.connectMs, timeoutMs));
    const remainingMs = Math.max(0, Math.ceil(timeoutMs - (performance.now() - started)));
    return this.#pending.open(queue, remainingMs, (correlationId) => {
      if (!this.#channel) throw new BusError('unavailable', 'no connection to the broker');
      this.#channel.publish('', queue, body, {
        ...properties,
        correlationId,
        replyTo: DIRECT_REPLY_TO,
        expiration: remainingMs,
        persistent: false,
        mandatory: true,
      });
    });
  }

  async attach(model: ChannelModel): Promise<void> {
    const channel = await this.connection.supervise(model.createChannel());
    channel.on('return', ({ properties, fields }) => {
      const reason = new BusError('unavailable', `nobody serves ${fields.routingKey}`);
      this.#pending.fail(String(properties.correlationId), reason);
    });
    await channel.consume(DIRECT_REPLY_TO, (message) => message && this.#reply(message), { noAck: true });
    this.#channel = channel;
  }

  detach(): void {
    this.#channel = undefined;
    this.close(new BusError('unavailable', 'connection to the broker lost; the request may have been carried out'));
  }

  close(reason: BusError): void {
    this.#pending.failAll(reason);
  }

  #reply({ properties, content }: ConsumeMessage): void {
    const correlation = String(properties.correlationId);
    const failure = failureOf(properties);
    if (failure) return this.#pending.fail(correlation, failure);
    try {
      const status = properties.type === 'ok' ? 'ok' : 'problem';
      this.#pending.reply(correlation, { status, body: decodeBody(content, undefined, this.maxBodyBytes) });
    } catch (cause) {
      this.#pending.fail(correlation, new BusError('malformed', 'the reply is not JSON', { cause }));
    }
  }
}
