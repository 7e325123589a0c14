import { randomUUID } from 'node:crypto';
import { Context } from 'zeromq';
import type { OutboxLimits } from '../delivery/outbox.js';
import { BusError } from '../port.js';
import type { ZeromqConfig } from './config.js';
import { CommandSocket } from './command-socket.js';
import { checkCurve, clientOptions, Gatekeeper, serverOptions } from './curve.js';
import { Doorway, type CallHandler } from './doorway.js';
import { EventSocket } from './event-socket.js';
import { isLocal, parseEndpoint, prepareToBind, type Endpoint } from './endpoint.js';
import { Link, type Packed } from './link.js';

export interface NetworkOptions extends ZeromqConfig {
  readonly maxBodyBytes: number;
  readonly limits: OutboxLimits;
}

const HEARTBEAT_MS = 2_000;
const CONNECT_MS = 1_000;
const RESEND_MS = 5_000;

/** The sockets of one process: its own doorway and a link to every service, itself included. */
export class Network {
  readonly #options: NetworkOptions;
  readonly #endpoints: ReadonlyMap<string, Endpoint>;
  readonly #own: Endpoint;
  readonly #links = new Map<string, Link>();
  /** Tells this life of the process from an earlier one of the same service. */
  readonly #incarnation: string;
  #gatekeeper: Gatekeeper | undefined;
  #doorway: Doorway | undefined;
  #commands: CommandSocket | undefined;
  #events: EventSocket | undefined;
  readonly #context = new Context();

  /** @throws Error when the configuration is incomplete or unsafe, naming the field */
  constructor(
    options: NetworkOptions,
    readonly handle: CallHandler,
  ) {
    this.#options = options;
    const { service, endpoints } = options;
    const parsed = Object.entries(endpoints).map(([name, address]) => [name, parseEndpoint(name, address)] as const);
    this.#endpoints = new Map(parsed);
    const own = this.#endpoints.get(service);
    if (!own) throw new Error(`endpoints.${service} is missing: every process of a brokerless bus binds one`);
    this.#own = own;
    this.#incarnation = `${service}:${randomUUID()}`;
    const outside = outsideEndpoints(options);
    checkSafety(options, new Map([...parsed, ...outside]));
    const { outside: { service: binder } = {}, curve, logger, maxBodyBytes, heartbeatMs = HEARTBEAT_MS } = options;
    if (binder !== service) return;
    const context = this.#context;
    const [commands, events] = [outside.get('commands'), outside.get('events')];
    const secured = serverOptions(curve, 'outsiders');
    if (commands) {
      const { address } = commands;
      this.#commands = new CommandSocket({ context, address, curve: secured, heartbeatMs, maxBodyBytes, logger });
    }
    if (events) this.#events = new EventSocket(context, events.address, secured);
  }

  /** The socket for outsiders' commands, where this process has one. */
  get commands(): CommandSocket | undefined {
    return this.#commands;
  }

  /** Says an announcement to outsiders, by the process that has the socket for them. Best effort. */
  announce(topic: string, packed: Packed): void {
    const { outside, service } = this.#options;
    if (outside?.events === undefined) return;
    if (outside.service === service) this.#events?.say(topic, packed);
    else this.#links.get(outside.service)?.announce(topic, packed);
  }

  /** Says what another process had to announce. */
  relay(topic: string, body: Buffer): void {
    this.#events?.say(topic, { body });
  }

  /** @throws Error when the endpoint cannot be bound; nothing stays open then */
  async open(): Promise<void> {
    try {
      await this.#bind();
    } catch (error) {
      await this.close(new BusError('unavailable', 'the bus did not start', { cause: error }));
      throw error;
    }
  }

  /** @throws BusError `unroutable` when the service has no endpoint */
  link(service: string): Link {
    const link = this.#links.get(service);
    if (!link) throw new BusError('unroutable', `no endpoint for the service "${service}"`);
    return link;
  }

  /** To every other process: at once where there is a connection, else as soon as there is one within the time we wait for it. */
  broadcast(channel: string, packed: Packed): void {
    for (const [service, link] of this.#links) {
      if (service === this.#options.service) continue;
      if (link.isUp) link.broadcast(channel, packed);
      else void link.whenUp().then((up) => up && link.broadcast(channel, packed));
    }
  }

  async close(reason: BusError): Promise<void> {
    for (const link of this.#links.values()) link.close(reason);
    this.#commands?.close();
    await this.#events?.close();
    await this.#doorway?.close();
    this.#gatekeeper?.stop();
  }

  async #bind(): Promise<void> {
    const { service, curve, logger, maxBodyBytes, heartbeatMs = HEARTBEAT_MS } = this.#options;
    const context = this.#context;
    if (curve) {
      this.#gatekeeper = new Gatekeeper(context, curve, logger);
      await this.#gatekeeper.start();
    }
    await prepareToBind(service, this.#own);
    this.#doorway = new Doorway(
      {
        context,
        service,
        endpoint: this.#own,
        incarnation: this.#incarnation,
        curve: serverOptions(curve, 'services'),
        heartbeatMs,
        maxBodyBytes,
        logger,
      },
      this.handle,
    );
    await this.#doorway.open();
    if (this.#commands) {
      await prepareToBind('commands', parseEndpoint('commands', this.#commands.options.address));
      await this.#commands.open();
    }
    if (this.#events) {
      await prepareToBind('events', parseEndpoint('events', this.#events.address));
      await this.#events.open();
    }
    for (const [name, endpoint] of this.#endpoints) this.#connect(context, name, endpoint, heartbeatMs);
  }

  #connect(context: Context, service: string, { address }: Endpoint, heartbeatMs: number): void {
    const { curve, maxBodyBytes, limits, logger, connectMs = CONNECT_MS, resendMs = RESEND_MS } = this.#options;
    const link = new Link({
      context,
      service,
      address,
      curve: clientOptions(curve, service),
      heartbeatMs,
      maxBodyBytes,
      limits,
      connectMs,
      resendMs,
      logger,
    });
    this.#links.set(service, link);
    link.connect();
  }
}

function outsideEndpoints({ outside }: NetworkOptions): ReadonlyMap<string, Endpoint> {
  const given = Object.entries({ commands: outside?.commands, events: outside?.events });
  return new Map(
    given.flatMap(([name, address]) => (address === undefined ? [] : [[name, parseEndpoint(name, address)] as const])),
  );
}

function checkSafety(
  { curve, endpoints: services, outside }: NetworkOptions,
  endpoints: ReadonlyMap<string, Endpoint>,
): void {
  const hasOutside = outside?.commands !== undefined || outside?.events !== undefined;
  if (curve) return checkCurve(curve, Object.keys(services), hasOutside);
  for (const [service, endpoint] of endpoints) {
    if (isLocal(endpoint)) continue;
    throw new Error(
      `endpoint of "${service}" (${endpoint.address}) leaves this machine: set curve keys and an allow-list`,
    );
  }
}
