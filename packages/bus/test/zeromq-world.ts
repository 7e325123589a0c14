import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, createBus } from '../src/index.js';
import { Proxy } from './proxy.js';
import { silent, TOPOLOGY, WINDOW, type PortableConfig, type World } from './world.js';

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
  const all = () => [...wires.values()];
  const config = (service: string): PortableConfig => ({
    transport: 'zeromq',
    service,
    topology: TOPOLOGY,
    endpoints: Object.fromEntries(
      SERVICES.map((name) => [name, `ipc://${path(name === service ? name : `${name}.wire`)}`]),
    ),
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
    deadLetter: () => Promise.reject(new Error('this transport keeps no dead letters')),
    dispose: async () => {
      await Promise.all(buses.map((bus) => bus.stop({ graceMs: 1_000 })));
      await Promise.all(all().map((wire) => wire.down()));
      await rm(directory, { recursive: true });
    },
  };
}
