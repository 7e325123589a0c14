import { createBus, type Bus } from '@handover/bus';
import { TOPOLOGY, type HandoverEvent } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { createLogger } from '@handover/runtime';
import { Recording, eventually } from '@handover/testkit';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { engineInHand, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { createCapabilities } from '../notifications/capability.js';
import { appendToOutbox, claimFromOutbox, returnToOutbox, type OutboxEntry } from './outbox.repository.js';
import { startRelay, type Relay } from './relay.js';

const log = createLogger('test', 'silent');
let engine: EngineInHand;
let replica: Replica;
let folder: string;
const open: Bus[] = [];
const relays: Relay[] = [];

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
  folder = await mkdtemp(join(tmpdir(), 'handover-relay-'));
});
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await Promise.all(open.splice(0).map((bus) => bus.stop()));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const endpoints = () => ({ engine: `ipc://${folder}/engine.sock`, notifier: `ipc://${folder}/notifier.sock` });

async function connect(service: string): Promise<Bus> {
  const bus = createBus({
    transport: 'zeromq',
    service,
    endpoints: endpoints(),
    topology: { ...TOPOLOGY, subscriptions: TOPOLOGY.subscriptions.slice(0, 1) },
    logger: log,
  });
  open.push(bus);
  await bus.start();
  return bus;
}

async function listen(seen: Recording<string>): Promise<void> {
  const bus = await connect('notifier');
  await bus.subscribe('notifier.webhooks', async (delivery) => {
    seen.record(delivery.id);
    return { kind: 'done' };
  });
}

const event = (process: string, id: string, tenant = 'acme'): HandoverEvent => ({
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

const announce = (events: readonly HandoverEvent[], tenant = 'acme') =>
  withTenant(replica.db, tenant, (tx) => appendToOutbox(tx, events));

const idOf = ({ outgoing }: OutboxEntry): string =>
  outgoing.kind === 'event' ? outgoing.event.id : outgoing.notification.id;

const relayOver = (bus: Bus): Relay =>
  startRelay({ database: replica.database, bus, log, capabilities: createCapabilities(replica.db), pollMs: 50 });

const left = () => claimFromOutbox(replica.db, 1_000, 0);

describe('the relay', () => {
  it('carries every tenant’s announcements, those of one process in order, and keeps none', async () => {
    const seen = new Recording<string>('announcements');
    await listen(seen);
    relays.push(relayOver(await connect('engine')));
    const [one, two] = [randomUUID(), randomUUID()];
    await announce([event(one, 'a1'), event(one, 'a2'), event(one, 'a3')]);
    await announce([event(two, 'b1', 'rival')], 'rival');
    relays[0]?.wake();

    await seen.nth(4);
    expect(seen.items.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(seen.items).toContain('b1');
    await eventually(async () => expect(await left()).toEqual([]));
  });

  it('keeps what nobody takes until somebody does', async () => {
    relays.push(relayOver(await connect('engine')));
    await announce([event(randomUUID(), 'late')]);
    relays[0]?.wake();
    const seen = new Recording<string>('announcements');
    await listen(seen);
    expect(await seen.nth(1, 20_000)).toBe('late');
  });
});

describe('claims', () => {
  it('pass over what waits behind a claimed announcement of the same process, and only that', async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    await announce([event(one, 'a1'), event(one, 'a2'), event(two, 'b1')]);
    const first = await claimFromOutbox(replica.db, 1, 60_000);
    const second = await claimFromOutbox(replica.db, 10, 60_000);
    expect(first.map(idOf)).toEqual(['a1']);
    expect(second.map(idOf)).toEqual(['b1']);
  });

  it('of a relay that died run out', async () => {
    const process = randomUUID();
    await announce([event(process, 'c1')]);
    await claimFromOutbox(replica.db, 10, 1);
    const again = await eventually(async () => {
      const claimed = await claimFromOutbox(replica.db, 10, 60_000);
      expect(claimed.map(idOf)).toContain('c1');
      return claimed;
    });
    expect(again[0]?.attempts).toBe(2);
  });

  it('are not shortened by a relay whose own ran out while it was stalled', async () => {
    await announce([event(randomUUID(), 'd1')]);
    const claim = (leaseMs: number) => claimFromOutbox(replica.db, 10, leaseMs);
    const stalled = await claim(1);
    const held = await eventually(async () => {
      const claimed = await claim(60_000);
      expect(claimed.map(idOf)).toEqual(['d1']);
      return claimed;
    });

    await returnToOutbox(replica.db, stalled, 0);
    expect(await claim(60_000)).toEqual([]);

    await returnToOutbox(replica.db, held, 0);
    expect((await claim(60_000)).map(idOf)).toEqual(['d1']);
  });
});
