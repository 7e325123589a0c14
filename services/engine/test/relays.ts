import { createBus, type Bus } from '@handover/bus';
import { TOPOLOGY, type HandoverEvent } from '@handover/contracts';
import { createLogger } from '@handover/runtime';
import { Recording } from '@handover/testkit';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCapabilities } from '../src/notifications/capability.js';
import type { OutboxEntry } from '../src/outbox/outbox.repository.js';
import { startRelay, type Relay } from '../src/outbox/relay.js';
import type { Replica } from './engine-in-hand.js';

const log = createLogger('test', 'silent');

/** An announcement, told apart by its id. */
export const event = (process: string, id: string, tenant = 'acme'): HandoverEvent => ({
  specversion: '1.0',
  id,
  source: 'handover/engine',
  subject: process,
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  tenantid: tenant,
  type: 'process.started',
  data: { process, title: '', scenario: { id: 's', title: '' }, state: 'initial', etag: 'e' },
});

export const idsOf = (entries: readonly OutboxEntry[]): string[] =>
  entries.map(({ outgoing }) => (outgoing.kind === 'event' ? outgoing.event.id : outgoing.notification.id));

/** Relays of a replica's outbox on a real bus that only the notifier listens to. */
export interface Relays {
  connect(service: string): Promise<Bus>;
  relayOver(bus: Bus): Relay;
  /** The ids of announcements as the notifier hears them, each as often as it does or the first time only. */
  listen(each: 'every time' | 'once'): Promise<Recording<string>>;
  /** Stops the relays, then the buses. */
  stop(): Promise<void>;
}

export async function relaysOf(replica: Replica): Promise<Relays> {
  const folder = await mkdtemp(join(tmpdir(), 'handover-relay-'));
  const endpoints = { engine: `ipc://${folder}/engine.sock`, notifier: `ipc://${folder}/notifier.sock` };
  const topology = { ...TOPOLOGY, subscriptions: TOPOLOGY.subscriptions.filter((one) => one.service === 'notifier') };
  const buses: Bus[] = [];
  const relays: Relay[] = [];

  const connect = async (service: string): Promise<Bus> => {
    const bus = createBus({ transport: 'zeromq', service, endpoints, topology, logger: log });
    buses.push(bus);
    await bus.start();
    return bus;
  };
  return {
    connect,
    relayOver(bus) {
      const capabilities = createCapabilities(replica.db);
      const relay = startRelay({ database: replica.database, bus, log, capabilities, pollMs: 50 });
      relays.push(relay);
      return relay;
    },
    async listen(each) {
      const seen = new Recording<string>('announcements');
      const bus = await connect('notifier');
      await bus.subscribe('notifier.webhooks', async ({ id }) => {
        if (each === 'every time' || !seen.items.includes(id)) seen.record(id);
        return { kind: 'done' };
      });
      return seen;
    },
    async stop() {
      await Promise.all(relays.map((relay) => relay.stop()));
      await Promise.all(buses.map((bus) => bus.stop()));
      await rm(folder, { recursive: true });
    },
  };
}
