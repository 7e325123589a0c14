import { DEFAULT_LIMITS } from '../delivery/outbox.js';
import { settledWithin } from '../delivery/timer.js';
import { Lifecycle } from '../lifecycle.js';
import { DEFAULT_MAX_BODY_BYTES, encodeBody } from '../message/body.js';
import { envelopeOf } from '../message/envelope.js';
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
import { DEFAULT_CONCURRENCY, DEFAULT_GRACE_MS, DEFAULT_SEND_TIMEOUT_MS } from '../defaults.js';
import { registration } from '../registration.js';
import { Directory, type Destination } from '../topology/directory.js';
import type { ZeromqConfig } from './config.js';
import type { Packed } from './link.js';
import { Network } from './network.js';
import { Reception } from './reception.js';

export const ZEROMQ_CAPABILITIES: BusCapabilities = {
  replicas: 'an endpoint is bound by one process; nobody stands between to share its messages out',
  storesMessages: 'there is no broker: a message is kept by its sender until its consumer acknowledged it',
  deadLetters: 'there is no broker to keep them: a rejected message is logged with its reason and acknowledged',
};

/** The bus of one host: every service binds one endpoint and connects to the others'. See the package's README. */
export class ZeromqBus implements Bus {
  readonly capabilities = ZEROMQ_CAPABILITIES;
  readonly #directory: Directory;
  readonly #reception: Reception;
  readonly #network: Network;
  readonly #lifecycle = new Lifecycle();
  readonly #maxBodyBytes: number;

  /** @throws Error when the configuration is incomplete or unsafe, naming the field */
  constructor(config: ZeromqConfig) {
    this.#maxBodyBytes = config.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
    this.#directory = new Directory(config.topology, config.service);
    this.#reception = new Reception(this.#directory.owned, this.#maxBodyBytes, config.logger);
    this.#network = new Network(
      { ...config, maxBodyBytes: this.#maxBodyBytes, limits: { ...DEFAULT_LIMITS, ...config.window } },
      (call, body, respond) => {
        if (call.kind === 'announcement') this.#network.relay(call.topic, body);
        else this.#reception.handle(call, body, respond);
      },
    );
  }

  start(): Promise<void> {
    return this.#lifecycle.start(() => this.#network.open());
  }

  stop({ graceMs = DEFAULT_GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    return this.#lifecycle.stop(async () => {
      const { commands } = this.#network;
      const drained = Promise.all([this.#reception.drained(), commands?.drained()]);
      if (!(await settledWithin(drained, graceMs))) {
        this.#reception.abort();
        commands?.abort();
      }
      await this.#network.close(new BusError('stopped', 'the bus stopped'));
    });
  }

  async ready(): Promise<void> {
    this.#lifecycle.assertRunning();
    this.#lifecycle.assertOpen();
  }

  async request(service: string, message: Message, { timeoutMs }: { readonly timeoutMs: number }): Promise<Reply> {
    this.#lifecycle.assertRunning();
    this.#directory.assertAnswers(service);
    const deadline = Math.min(message.headers.deadline ?? Infinity, Date.now() + timeoutMs);
    const packed = this.#pack({ ...message, headers: { ...message.headers, deadline } });
    return this.#network.link(service).request(packed, timeoutMs);
  }

  async respond(service: string, handler: RequestHandler, options: ConsumeOptions = {}): Promise<Registration> {
    this.#lifecycle.assertOpen();
    this.#directory.assertMayRespond(service);
    return this.#reception.respond(handler, options.concurrency ?? DEFAULT_CONCURRENCY);
  }

  async send(queue: string, message: Message, options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#lifecycle.assertRunning();
    await this.#deliver([this.#directory.queue(queue)], this.#pack(message), options.timeoutMs);
  }

  async consume(queue: string, handler: MessageHandler, options: ConsumeOptions = {}): Promise<Registration> {
    this.#lifecycle.assertOpen();
    this.#directory.assertMayConsume('queues', queue);
    return this.#reception.consume(queue, handler, options.concurrency ?? DEFAULT_CONCURRENCY);
  }

  async publish(topic: string, message: Message, options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#lifecycle.assertRunning();
    const packed = this.#pack(message);
    await this.#deliver(this.#directory.subscribersOf(topic), packed, options.timeoutMs);
    this.#network.announce(topic, packed);
  }

  async subscribe(subscription: string, handler: MessageHandler, options: ConsumeOptions = {}): Promise<Registration> {
    this.#lifecycle.assertOpen();
    this.#directory.assertMayConsume('subscriptions', subscription);
    return this.#reception.consume(subscription, handler, options.concurrency ?? DEFAULT_CONCURRENCY);
  }

  async broadcast(channel: string, message: Message): Promise<void> {
    this.#lifecycle.assertRunning();
    this.#network.broadcast(channel, this.#pack(message));
  }

  async listen(channel: string, handler: BroadcastHandler): Promise<Registration> {
    this.#lifecycle.assertOpen();
    return this.#reception.listen(channel, handler);
  }

  async intake(door: string, handler: ForeignHandler, options: IntakeOptions = {}): Promise<Registration> {
    this.#lifecycle.assertOpen();
    this.#directory.assertMayConsume('doors', door);
    const { commands } = this.#network;
    if (!commands) return registration(async () => undefined);
    return commands.take(handler, options.concurrency ?? DEFAULT_CONCURRENCY, options.keyOf);
  }

  /** To all destinations at once; every one has ended when this settles, so a caller's retry meets no copy still under way. */
  async #deliver(
    destinations: readonly Destination[],
    packed: Packed,
    timeoutMs = DEFAULT_SEND_TIMEOUT_MS,
  ): Promise<void> {
    const deliveries = destinations.map(({ name, service }) =>
      this.#network.link(service).deliver(name, packed, timeoutMs),
    );
    const failed = (await Promise.allSettled(deliveries)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #pack(message: Message): Packed {
    return { envelope: envelopeOf(message), body: encodeBody(message.body, this.#maxBodyBytes) };
  }
}
