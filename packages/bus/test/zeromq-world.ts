import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Proxy, Recording } from '@handover/testkit';
import { Dealer, Subscriber } from 'zeromq';
import { type Bus, createBus } from '../src/index.js';
import { silent, TOPOLOGY, WINDOW, type KnockReply, type Outsider, type PortableConfig, type World } from './world.js';

const SERVICES = ['caller', 'worker', 'audit'];

/** Every service binds a socket in a private directory; the others reach it through a proxy. */
export async function zeromqWorld(): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'bus-'));
  const path = (name: string) => join(directory, name);
  const wires = new Map<string, Proxy>();
  for (const service of SERVICES) {
    wires.set(service, await Proxy.open({ path: path(`${service}.wire`) }, { path: path(service) }));
  }
  const buses: Bus[] = [];
  const outsiders: Outsider[] = [];
  const outside = { service: 'worker', commands: `ipc://${path('commands')}`, events: `ipc://${path('events')}` };
  const all = () => [...wires.values()];
  const config = (service: string): PortableConfig => ({
    transport: 'zeromq',
    service,
    topology: TOPOLOGY,
    endpoints: Object.fromEntries(
      SERVICES.map((name) => [name, `ipc://${path(name === service ? name : `${name}.wire`)}`]),
    ),
    outside,
    heartbeatMs: 300,
    window: WINDOW,
  });
  return {
    config,
    bus: (service) => {
      const bus = createBus({ ...config(service), logger: silent });
      buses.push(bus);
      return bus;
    },
    wires: {
      cut: () => all().forEach((wire) => wire.cut()),
      stall: () => all().forEach((wire) => wire.stall()),
      down: async () => void (await Promise.all(all().map((wire) => wire.down()))),
      up: async () => void (await Promise.all(all().map((wire) => wire.up()))),
    },
    outsider: async () => {
      const outsider = await plainClient(outside);
      outsiders.push(outsider);
      return outsider;
    },
    deadLetter: () => Promise.reject(new Error('this transport keeps no dead letters')),
    dispose: async () => {
      await Promise.all(outsiders.map((outsider) => outsider.close()));
      await Promise.all(buses.map((bus) => bus.stop({ graceMs: 1_000 })));
      await Promise.all(all().map((wire) => wire.down()));
      await rm(directory, { recursive: true });
    },
  };
}

async function plainClient({ commands, events }: { commands: string; events: string }): Promise<Outsider> {
  const replies = new Recording<KnockReply>('replies');
  const heard = new Recording<readonly [string, unknown]>('announcements');
  const dealer = new Dealer({ linger: 0 });
  dealer.connect(commands);
  const subscriber = new Subscriber({ linger: 0 });
  subscriber.connect(events);
  subscriber.subscribe('');
  const receive = async (): Promise<void> => {
    for await (const [frame] of dealer) {
      const {
        reply: status,
        'correlation-id': correlationId,
        'content-type': contentType,
        body,
        ...headers
      } = JSON.parse(String(frame)) as { reply: string; body: unknown } & Record<string, string | undefined>;
      replies.record({ status, correlationId, contentType, headers, body });
    }
  };
  const hear = async (): Promise<void> => {
    for await (const [topic, body] of subscriber) heard.record([String(topic), JSON.parse(String(body))]);
  };
  void receive();
  void hear();
  return {
    replies,
    heard,
    async knock({ name, id, correlationId, contentType, headers, body }) {
      await dealer.send(
        JSON.stringify({
          command: name,
          'message-id': id,
          'correlation-id': correlationId,
          'content-type': contentType,
          ...headers,
          body: contentType === undefined ? JSON.parse(body) : body,
        }),
      );
    },
    async close() {
      dealer.close();
      subscriber.close();
    },
  };
}
