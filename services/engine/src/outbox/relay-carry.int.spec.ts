import type { Bus } from '@handover/bus';
import { tenantScope } from '@handover/database';
import { eventually } from '@handover/testkit';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { engineInHand, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { event, idsOf, relaysOf, type Relays } from '../../test/relays.js';
import { withEveryTenant } from '../every-tenant.js';
import { announceAndTake, announcedOf, announcement, type OutboxEntry } from './outbox.repository.js';
import type { Relay } from './relay.js';

/** What a relay takes as it is committed, and carries from memory. */
let engine: EngineInHand;
let replica: Replica;
let relays: Relays;

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
});
beforeEach(async () => {
  relays = await relaysOf(replica);
});
afterEach(async () => {
  await relays.stop();
  await withEveryTenant(replica.db, (tx) => sql`delete from outbox`.execute(tx));
});
afterAll(() => engine.close());

/** A bus that refuses to publish what a test names, as often as the test says. */
function refusing(bus: Bus, refusals: Map<string, number>): Bus {
  return new Proxy(bus, {
    get(target, name) {
      if (name === 'publish')
        return async (...[topic, message, options]: Parameters<Bus['publish']>) => {
          const left = refusals.get(message.id) ?? 0;
          if (left === 0) return target.publish(topic, message, options);
          refusals.set(message.id, left - 1);
          throw new Error('refused by the test');
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Commits announcements as the write path does. @returns those the relay took */
async function commit(
  relay: Pick<Relay, 'id' | 'lease'>,
  process: string,
  ids: readonly string[],
  leaseMs = relay.lease(),
  carried: ReadonlySet<string> = new Set(),
): Promise<readonly OutboxEntry[]> {
  const outgoing = ids.map((id) => announcement(event(process, id)));
  const statements = announceAndTake('acme', outgoing, { relay: relay.id, leaseMs }, carried);
  const returned = await replica.database.transact(tenantScope('acme'), statements);
  return announcedOf(outgoing, returned.at(-1) ?? []).taken;
}

/** Commits, and carries what was taken, as the write path does. */
async function write(relay: Relay, process: string, ids: readonly string[]): Promise<readonly OutboxEntry[]> {
  const takenAt = performance.now();
  const taken = await commit(relay, process, ids);
  relay.carry(taken, takenAt);
  if (taken.length < ids.length) relay.wake();
  return taken;
}

const waiting = (): Promise<number> =>
  withEveryTenant(replica.db, async (tx) => {
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from outbox`.execute(tx);
    return rows[0]?.count ?? 0;
  });
const nothingWaits = () => eventually(async () => expect(await waiting()).toBe(0));

/** The leases of everything that is taken end now, as if their time had passed. */
const endLeases = (): Promise<unknown> =>
  withEveryTenant(replica.db, (tx) =>
    sql`update outbox set claimed_until = now() - interval '1 second' where claimed_until is not null`.execute(tx),
  );

describe('what is carried from memory', () => {
  it('leaves in order, is taken only once, and is removed', async () => {
    const seen = await relays.listen('once');
    const relay = relays.relayOver(await relays.connect('engine'));
    const process = randomUUID();
    expect(idsOf(await write(relay, process, ['a1', 'a2']))).toEqual(['a1', 'a2']);
    expect(idsOf(await write(relay, process, ['a3']))).toEqual(['a3']);
    await seen.nth(3);
    expect(seen.items).toEqual(['a1', 'a2', 'a3']);
    await nothingWaits();
  });

  it('keeps its order when one is refused and later ones are committed meanwhile', async () => {
    const seen = await relays.listen('once');
    const refusals = new Map([['b1', 3]]);
    const relay = relays.relayOver(refusing(await relays.connect('engine'), refusals));
    const [process, other] = [randomUUID(), randomUUID()];
    const numbers = Array.from({ length: 40 }, (_, n) => `b${n + 1}`);
    for (const id of numbers) await write(relay, process, [id]);
    await write(relay, other, ['c1']);
    await seen.nth(41, 20_000);
    expect(refusals.get('b1')).toBe(0);
    expect(seen.items.filter((id) => id.startsWith('b'))).toEqual(numbers);
    await nothingWaits();
  });

  it('is not overtaken by what was committed as taken before it was given back, and is carried after', async () => {
    const seen = await relays.listen('once');
    const relay = relays.relayOver(refusing(await relays.connect('engine'), new Map([['d1', 1]])));
    const process = randomUUID();
    const takenAt = performance.now();
    const first = await commit(relay, process, ['d1']);
    const second = await commit(relay, process, ['d2']);
    expect(idsOf([...first, ...second])).toEqual(['d1', 'd2']);
    relay.carry(first, takenAt);
    await eventually(async () => {
      const { rows } = await withEveryTenant(replica.db, (tx) =>
        sql`select from outbox where claimed_by is null`.execute(tx),
      );
      expect(rows).toHaveLength(1);
    });
    relay.carry(second, takenAt);
    await seen.nth(2, 20_000);
    expect(seen.items).toEqual(['d1', 'd2']);
    await nothingWaits();
  });

  it.each([
    ['', () => new Set<string>()],
    [', though no other relay took any of its process', (process: string) => new Set([process])],
  ])('is left in the table behind what nobody carries%s', async (_, carried) => {
    const relay = { id: randomUUID(), lease: () => 60_000 };
    const process = randomUUID();
    expect(await commit({ id: randomUUID(), lease: () => undefined }, process, ['e1'])).toEqual([]);
    expect(await commit(relay, process, ['e2'], 60_000, carried(process))).toEqual([]);
    const seen = await relays.listen('once');
    relays.relayOver(await relays.connect('engine'));
    await seen.nth(2);
    expect(seen.items).toEqual(['e1', 'e2']);
  });
});

describe('a lease', () => {
  it('that ran out while its entry waited is not used: the entry is given back and leaves from the table', async () => {
    const seen = await relays.listen('once');
    const relay = relays.relayOver(await relays.connect('engine'));
    const taken = await commit(relay, randomUUID(), ['f1']);
    relay.carry(taken, performance.now() - 60_000);
    expect(await seen.nth(1)).toBe('f1');
    await nothingWaits();
  });

  it('of a dead relay runs out, and another one takes what it had, in order with what came after', async () => {
    const dead = { id: randomUUID(), lease: () => 60_000 };
    const process = randomUUID();
    expect(await commit(dead, process, ['g1', 'g2'])).toHaveLength(2);
    const seen = await relays.listen('once');
    const relay = relays.relayOver(await relays.connect('engine'));
    expect(await write(relay, process, ['g3'])).toEqual([]);
    expect(await write(relay, randomUUID(), ['h1'])).toHaveLength(1);
    expect(await seen.nth(1)).toBe('h1');
    expect(await waiting()).toBeGreaterThanOrEqual(3);
    await endLeases();
    await seen.nth(4);
    expect(seen.items).toEqual(['h1', 'g1', 'g2', 'g3']);
    await nothingWaits();
  });
});

it('two relays, one of which refuses now and then, publish everything, each process in its order', async () => {
  const seen = await relays.listen('once');
  const bus = await relays.connect('engine');
  const processes = Array.from({ length: 12 }, () => randomUUID());
  const refusals = new Map(processes.flatMap((_, p) => [3, 11].map((n) => [`${p}-${n}`, 2] as const)));
  const pair = [relays.relayOver(refusing(bus, refusals)), relays.relayOver(bus)];
  const numbers = Array.from({ length: 20 }, (_, n) => n);
  await Promise.all(
    processes.map(async (process, p) => {
      for (const n of numbers) {
        const relay = pair[(p + n) % 2];
        if (relay) await write(relay, process, [`${p}-${n}`]);
      }
    }),
  );
  await seen.nth(processes.length * numbers.length, 25_000);
  for (const p of processes.keys()) {
    const own = seen.items.filter((id) => id.startsWith(`${p}-`));
    expect(own).toEqual(numbers.map((n) => `${p}-${n}`));
  }
  await nothingWaits();
});
