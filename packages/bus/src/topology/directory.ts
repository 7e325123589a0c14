import { BusError, type Topology } from '../port.js';
import { topicMatcher } from './topic.js';

/** A durable queue or subscription and the service that consumes it. */
export interface Destination {
  readonly name: string;
  readonly service: string;
}

/** Longest routing key AMQP can carry; held on both transports, so that a topic works on either. */
const TOPIC_BYTES = 255;

/** Topics whose subscribers are remembered: in use are far fewer, since each names a tenant, an event and a scenario. */
const REMEMBERED = 1_000;

/** Answers "who gets this?" from the {@link Topology}, the same way for every adapter. */
export class Directory {
  readonly #destinations = new Map<string, Destination>();
  readonly #subscriptions: { destination: Destination; matchers: ((topic: string) => boolean)[] }[] = [];
  readonly #services: ReadonlySet<string>;
  readonly #subscribers = new Map<string, readonly Destination[]>();

  /** @throws Error when two queues, subscriptions or doors share a name: all are queues on a broker. */
  constructor(
    readonly topology: Topology,
    readonly service: string,
  ) {
    this.#services = new Set(topology.services);
    for (const { name, service: owner } of [...topology.queues, ...topology.subscriptions, ...this.doors]) {
      if (this.#destinations.has(name)) throw new Error(`topology: "${name}" is named twice`);
      this.#destinations.set(name, { name, service: owner });
    }
    for (const { name, service: owner, topics } of topology.subscriptions) {
      this.#subscriptions.push({ destination: { name, service: owner }, matchers: topics.map(topicMatcher) });
    }
  }

  /** @returns the queue. @throws BusError `unroutable` when the topology has no such queue. */
  queue(name: string): Destination {
    const queue = this.topology.queues.find((candidate) => candidate.name === name);
    if (!queue) throw new BusError('unroutable', `no queue "${name}" in the topology`);
    return queue;
  }

  /** @returns the subscriptions with a pattern that matches. @throws BusError `malformed` for an empty or overlong topic. */
  subscribersOf(topic: string): readonly Destination[] {
    const known = this.#subscribers.get(topic);
    if (known) return known;
    if (topic === '' || Buffer.byteLength(topic) > TOPIC_BYTES) {
      throw new BusError('malformed', `topic must have 1 to ${TOPIC_BYTES} bytes`);
    }
    const found = this.#subscriptions.filter((s) => s.matchers.some((match) => match(topic)));
    const subscribers = found.map(({ destination }) => destination);
    if (this.#subscribers.size >= REMEMBERED) this.#subscribers.clear();
    this.#subscribers.set(topic, subscribers);
    return subscribers;
  }

  /** @throws BusError `unroutable` when nobody is meant to answer requests to the service. */
  assertAnswers(service: string): void {
    if (!this.#services.has(service)) throw new BusError('unroutable', `no service "${service}" in the topology`);
  }

  /** @throws BusError `unroutable` when this process may not answer requests to the service. */
  assertMayRespond(service: string): void {
    this.assertAnswers(service);
    if (service !== this.service) {
      throw new BusError('unroutable', `"${this.service}" cannot answer for the service "${service}"`);
    }
  }

  /** @throws BusError `unroutable` when this process may not consume the queue or subscription. */
  assertMayConsume(kind: 'queues' | 'subscriptions' | 'doors', name: string): void {
    const destination = (this.topology[kind] ?? []).find((candidate) => candidate.name === name);
    if (!destination) throw new BusError('unroutable', `no "${name}" among the ${kind} of the topology`);
    if (destination.service !== this.service) {
      throw new BusError(
        'unroutable',
        `"${name}" belongs to the service "${destination.service}", not "${this.service}"`,
      );
    }
  }

  /** Doors for outsiders. */
  get doors(): NonNullable<Topology['doors']> {
    return this.topology.doors ?? [];
  }

  /** Queues and subscriptions this process consumes. */
  get owned(): Destination[] {
    return [...this.topology.queues, ...this.topology.subscriptions].filter(({ service }) => service === this.service);
  }
}
