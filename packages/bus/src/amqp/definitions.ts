import type { Topology } from '../port.js';
import { queueArguments } from './declare.js';
import { DEFAULT_PREFIX, Names } from './names.js';

export interface DefinitionsOptions {
  readonly virtualHost: string;
  /** User of the services. */
  readonly platform: string;
  /** A user per tenant, who may send commands and hear the tenant's own events. */
  readonly tenants: readonly string[];
  readonly prefix?: string;
  readonly deliveryLimit: number;
}

/** For RabbitMQ a user without a password: nobody can be it until one is set. */
const NO_PASSWORD = '';

const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * What the services declare by themselves on every connect, and who may do what there, in the form that `rabbitmqctl
 * import_definitions` takes: for brokers where services may not declare, and as the model of the rights of outsiders.
 */
export function brokerDefinitions(topology: Topology, options: DefinitionsOptions): Record<string, unknown> {
  const { virtualHost: vhost, platform, tenants, prefix = DEFAULT_PREFIX, deliveryLimit } = options;
  const names = new Names(prefix);
  const doors = topology.doors ?? [];
  const destinations = [...topology.queues, ...topology.subscriptions].map(({ name }) => names.queue(name));
  const queues = [...destinations, ...doors.map(({ name }) => names.door(name))];
  const exchange = (name: string, type: string) => ({
    vhost,
    name,
    type,
    durable: true,
    auto_delete: false,
    arguments: {},
  });
  const queue = (name: string, args: object) => ({ vhost, name, durable: true, auto_delete: false, arguments: args });
  const binding = (source: string, destination: string, routing_key: string) => ({
    vhost,
    source,
    destination,
    destination_type: 'queue',
    routing_key,
    arguments: {},
  });
  const ours = `^(${literally(prefix)}\\..*|${doors.map(({ name }) => literally(names.door(name))).join('|')}|amq\\.gen-.*)$`;
  const commands = doors.map((door) => literally(names.exchange(door.exchange))).join('|');
  return {
    vhosts: [{ name: vhost }],
    users: [platform, ...tenants].map((name) => ({
      name,
      password_hash: NO_PASSWORD,
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags: '',
    })),
    permissions: [
      // The default exchange brings requests to services and replies to outsiders.
      { user: platform, vhost, configure: ours, write: `${ours}|^amq\\.default$`, read: ours },
      ...tenants.map((user) => ({
        user,
        vhost,
        configure: `^${literally(user)}\\..*$`,
        write: `^(${commands}|${literally(user)}\\..*)$`,
        read: `^(${literally(names.events)}|${literally(user)}\\..*)$`,
      })),
    ],
    topic_permissions: tenants.map((user) => ({
      user,
      vhost,
      exchange: names.events,
      write: '^$',
      read: `^${literally(user)}\\..*$`,
    })),
    exchanges: [
      exchange(names.events, 'topic'),
      exchange(names.broadcast, 'direct'),
      exchange(names.dead, 'fanout'),
      ...doors.map((door) => exchange(names.exchange(door.exchange), 'direct')),
    ],
    queues: [
      queue(names.dead, { 'x-queue-type': 'quorum' }),
      ...queues.map((name) => queue(name, queueArguments(names, deliveryLimit))),
    ],
    bindings: [
      binding(names.dead, names.dead, ''),
      ...topology.subscriptions.flatMap(({ name, topics }) =>
        topics.map((topic) => binding(names.events, names.queue(name), topic)),
      ),
      ...doors.flatMap((door) =>
        door.keys.map((key) => binding(names.exchange(door.exchange), names.door(door.name), key)),
      ),
    ],
  };
}
