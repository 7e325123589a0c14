import { hostname } from 'node:os';
import type { ConsumeMessage } from 'amqplib';
import { DEFAULT_CONCURRENCY, DEFAULT_DELIVERY_LIMIT, DEFAULT_GRACE_MS, DEFAULT_SEND_TIMEOUT_MS } from '../defaults.js';
import { DEFAULT_LIMITS } from '../delivery/outbox.js';
import { settledWithin } from '../delivery/timer.js';
import { Lifecycle } from '../lifecycle.js';
import { DEFAULT_MAX_BODY_BYTES, encodeBody } from '../message/body.js';
import { envelopeOf, type Envelope } from '../message/envelope.js';
import {
  BusError,
  type BroadcastHandler,
  type Bus,
  type BusCapabilities,
  type ConsumeOptions,
  type ForeignHandler,
  type IntakeOptions,
  type Message,
  type MessageHandler,
  type Registration,
  type Reply,
  type RequestHandler,
} from '../port.js';
import { registration } from '../registration.js';
import { Directory } from '../topology/directory.js';
import { Broadcaster } from './broadcaster.js';
import type { AmqpConfig } from './config.js';
import { checkUrl, Connection } from './connection.js';
import { Consumer } from './consumer.js';
import { deadLetter } from './dead-letter.js';
import { declareTopology } from './declare.js';
import { openDoor } from './door.js';
import { DEFAULT_PREFIX, Names } from './names.js';
import { messageOf, propertiesOf } from './properties.js';
import { Publisher } from './publisher.js';
import { Requester } from './requester.js';
import { RequestServer } from './request-server.js';

export const AMQP_CAPABILITIES: BusCapabilities = { replicas: true, storesMessages: true, deadLetters: true };
const DEFAULT_HEARTBEAT_SECONDS = 10;
const DEFAULT_CONNECT_MS = 10_000;
const REQUEST_CONNECT_MS = 1_000;

/** The bus over RabbitMQ 3.10 or later. See the package's README for the topology and the guarantees. */
export class AmqpBus implements Bus {
  readonly capabilities = AMQP_CAPABILITIES;
  readonly #config: AmqpConfig;
  readonly #directory: Directory;
  readonly #names: Names;
  readonly #connection: Connection;
  readonly #publisher: Publisher;
  readonly #requester: Requester;
  readonly #broadcaster: Broadcaster;
  /** What takes messages in, by queue. */
  readonly #intakes = new Map<string, Consumer | RequestServer>();
  readonly #lifecycle = new Lifecycle();
  readonly #maxBodyBytes: number;

  /** @throws Error when the configuration is incomplete, naming the field */
  constructor(config: AmqpConfig) {
    this.#config = config;
    const { topology, service, logger, url, tls, connectMs = DEFAULT_CONNECT_MS } = config;
    checkUrl(url);
    this.#maxBodyBytes = config.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
    this.#directory = new Directory(topology, service);
    this.#names = new Names(config.prefix ?? DEFAULT_PREFIX);
    this.#connection = new Connection({
      url,
      tls,
      name: `${service}@${hostname()}`,
      heartbeatSeconds: config.heartbeatSeconds ?? DEFAULT_HEARTBEAT_SECONDS,
      logger,
      declare: (model) => declareTopology(model, topology, this.#names, this.#deliveryLimit),
    });
    this.#publisher = new Publisher(this.#connection, { ...DEFAULT_LIMITS, ...config.window });
    this.#requester = new Requester(this.#connection, this.#maxBodyBytes, Math.min(connectMs, REQUEST_CONNECT_MS));
    this.#broadcaster = new Broadcaster(this.#connection, this.#names, this.#maxBodyBytes, logger);
  }

  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      for (const part of [this.#publisher, this.#requester, this.#broadcaster]) await this.#connection.add(part);
      await this.#connection.open(this.#config.connectMs ?? DEFAULT_CONNECT_MS);
    });
  }

  stop({ graceMs = DEFAULT_GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    return this.#lifecycle.stop(async () => {
      const intakes = [...this.#intakes.values()];
      // With its channel each: the connection's end could overtake acknowledgements still on their way out.
      const closed = Promise.all(intakes.map((intake) => intake.close()));
      if (!(await settledWithin(closed, graceMs))) for (const intake of intakes) intake.abort();
      const reason = new BusError('stopped', 'the bus stopped');
      this.#publisher.close(reason);
      this.#requester.close(reason);
      await this.#connection.close();
    });
  }

  async ready(): Promise<void> {
    this.#lifecycle.assertRunning();
    this.#lifecycle.assertOpen();
    this.#connection.assertReady();
  }

  async request(service: string, message: Message, { timeoutMs }: { readonly timeoutMs: number }): Promise<Reply> {
    this.#lifecycle.assertRunning();
    this.#directory.assertAnswers(service);
    const deadline = Math.min(message.headers.deadline ?? Infinity, Date.now() + timeoutMs);
    const { envelope, body } = this.#pack({ ...message, headers: { ...message.headers, deadline } });
    return this.#requester.request(this.#names.requests(service), body, propertiesOf(envelope), timeoutMs);
  }

  async respond(service: string, handler: RequestHandler, options: ConsumeOptions = {}): Promise<Registration> {
    this.#lifecycle.assertOpen();
    this.#directory.assertMayRespond(service);
    const queue = this.#names.requests(service);
    const { logger } = this.#config;
    const concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
    const server = { queue, handler, concurrency, maxBodyBytes: this.#maxBodyBytes, logger };
    return this.#register(queue, new RequestServer(this.#connection, server));
  }

  async send(queue: string, message: Message, options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#lifecycle.assertRunning();
    const { name } = this.#directory.queue(queue);
    await this.#publish('', this.#names.queue(name), message, true, options.timeoutMs);
  }

  async consume(queue: string, handler: MessageHandler, options: ConsumeOptions = {}): Promise<Registration> {
    this.#directory.assertMayConsume('queues', queue);
    return this.#consume(queue, handler, options);
  }

  async publish(topic: string, message: Message, options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#lifecycle.assertRunning();
    // Whoever binds a queue of their own may listen too; only a missing queue of the topology is an error.
    const mandatory = this.#directory.subscribersOf(topic).length > 0;
    await this.#publish(this.#names.events, topic, message, mandatory, options.timeoutMs);
  }

  async subscribe(subscription: string, handler: MessageHandler, options: ConsumeOptions = {}): Promise<Registration> {
    this.#directory.assertMayConsume('subscriptions', subscription);
    return this.#consume(subscription, handler, options);
  }

  async broadcast(channel: string, message: Message): Promise<void> {
    this.#lifecycle.assertRunning();
    const { envelope, body } = this.#pack(message);
    this.#broadcaster.say(channel, envelope, body);
  }

  async listen(channel: string, handler: BroadcastHandler): Promise<Registration> {
    this.#lifecycle.assertOpen();
    return this.#broadcaster.listen(channel, handler);
  }

  async intake(name: string, handler: ForeignHandler, options: IntakeOptions = {}): Promise<Registration> {
    this.#directory.assertMayConsume('doors', name);
    const door = openDoor(handler, {
      publish: (publication) => this.#publisher.publish(publication, DEFAULT_SEND_TIMEOUT_MS),
      isOurs: (queue) =>
        this.#names.owns(queue) || this.#directory.doors.some((one) => this.#names.door(one.name) === queue),
      maxBodyBytes: this.#maxBodyBytes,
      keyOf: options.keyOf,
      logger: this.#config.logger,
    });
    return this.#consume(name, door.handle, options, this.#names.door(name), door.read);
  }

  get #deliveryLimit(): number {
    return this.#config.deliveryLimit ?? DEFAULT_DELIVERY_LIMIT;
  }

  async #consume(
    destination: string,
    handler: MessageHandler,
    options: ConsumeOptions,
    queue = this.#names.queue(destination),
    read = (delivery: ConsumeMessage): Message => messageOf(delivery, this.#maxBodyBytes),
  ): Promise<Registration> {
    this.#lifecycle.assertOpen();
    const bury = (letter: ConsumeMessage, reason: string, attempts: number) =>
      this.#publisher.publish(deadLetter(this.#names, destination, letter, reason, attempts), DEFAULT_SEND_TIMEOUT_MS);
    return this.#register(
      queue,
      new Consumer(this.#connection, {
        destination,
        queue,
        handler,
        concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
        deliveryLimit: this.#deliveryLimit,
        read,
        logger: this.#config.logger,
        bury,
      }),
    );
  }

  async #register(queue: string, intake: Consumer | RequestServer): Promise<Registration> {
    if (this.#intakes.has(queue)) throw new Error(`"${queue}" has another handler already`);
    this.#intakes.set(queue, intake);
    await this.#connection.add(intake);
    return registration(async () => {
      await intake.close();
      this.#intakes.delete(queue);
    });
  }

  #publish(
    exchange: string,
    routingKey: string,
    message: Message,
    mandatory: boolean,
    timeoutMs = DEFAULT_SEND_TIMEOUT_MS,
  ) {
    const { envelope, body } = this.#pack(message);
    return this.#publisher.publish(
      { exchange, routingKey, body, properties: propertiesOf(envelope), mandatory },
      timeoutMs,
    );
  }

  #pack(message: Message): { envelope: Envelope; body: Buffer } {
    return { envelope: envelopeOf(message), body: encodeBody(message.body, this.#maxBodyBytes) };
  }
}
