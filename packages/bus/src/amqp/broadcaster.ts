import { randomUUID } from 'node:crypto';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { BusLogger } from '../logger.js';
import type { Envelope } from '../message/envelope.js';
import type { BroadcastHandler, Registration } from '../port.js';
import { registration } from '../registration.js';
import type { Attachment, Connection } from './connection.js';
import type { Names } from './names.js';
import { messageOf, propertiesOf } from './properties.js';

/** Speaks to every running process and hears the others, by a queue of its own that dies with the connection. */
export class Broadcaster implements Attachment {
  readonly #listeners = new Map<string, Set<BroadcastHandler>>();
  /** Marks what this process said itself. */
  readonly #self = randomUUID();
  #channel: Channel | undefined;
  #queue = '';

  constructor(
    readonly connection: Connection,
    readonly names: Names,
    readonly maxBodyBytes: number,
    readonly logger: BusLogger,
  ) {}

  /** Best effort: nothing is said while there is no connection. */
  say(channel: string, envelope: Envelope, body: Buffer): void {
    try {
      this.#channel?.publish(this.names.broadcast, channel, body, { ...propertiesOf(envelope), appId: this.#self });
    } catch (error) {
      this.logger.debug({ err: error, channel }, 'a broadcast was not said: the channel is closing');
    }
  }

  async listen(channel: string, handler: BroadcastHandler): Promise<Registration> {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(handler));
    // Should the connection break just now, it is bound with the next.
    await this.#channel?.bindQueue(this.#queue, this.names.broadcast, channel).catch(() => undefined);
    return registration(async () => {
      listeners.delete(handler);
    });
  }

  async attach(model: ChannelModel): Promise<void> {
    const channel = await this.connection.supervise(model.createChannel());
    const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true, durable: false });
    for (const name of this.#listeners.keys()) await channel.bindQueue(queue, this.names.broadcast, name);
    await channel.consume(queue, (message) => this.#hear(message), { noAck: true });
    this.#queue = queue;
    this.#channel = channel;
  }

  detach(): void {
    this.#channel = undefined;
  }

  #hear(delivery: ConsumeMessage | null): void {
    if (!delivery || delivery.properties.appId === this.#self) return;
    const channel = delivery.fields.routingKey;
    try {
      const message = messageOf(delivery, this.maxBodyBytes);
      for (const listener of this.#listeners.get(channel) ?? []) listener(message);
    } catch (error) {
      this.logger.error({ err: error, channel }, 'a broadcast was malformed or its listener threw');
    }
  }
}
