import type { HandoverEvent } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { eventually } from '@handover/testkit';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { engineInHand, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { event, idsOf, relaysOf, type Relays } from '../../test/relays.js';
import { appendToOutbox, claimFromOutbox, returnToOutbox } from './outbox.repository.js';

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
afterEach(() => relays.stop());
afterAll(() => engine.close());

const announce = (events: readonly HandoverEvent[], tenant = 'acme') =>
  withTenant(replica.db, tenant, (tx) => appendToOutbox(tx, events));

const left = () => claimFromOutbox(replica.db, 1_000, 0);

describe('the relay', () => {
  it('carries every tenant’s announcements, those of one process in order, and keeps none', async () => {
    const seen = await relays.listen('every time');
    const relay = relays.relayOver(await relays.connect('engine'));
    const [one, two] = [randomUUID(), randomUUID()];
    await announce([event(one, 'a1'), event(one, 'a2'), event(one, 'a3')]);
    await announce([event(two, 'b1', 'rival')], 'rival');
    relay.wake();

    await seen.nth(4);
    expect(seen.items.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(seen.items).toContain('b1');
    await eventually(async () => expect(await left()).toEqual([]));
  });

  it('keeps what nobody takes until somebody does', async () => {
    const relay = relays.relayOver(await relays.connect('engine'));
    await announce([event(randomUUID(), 'late')]);
    relay.wake();
    const seen = await relays.listen('every time');
    expect(await seen.nth(1, 20_000)).toBe('late');
  });
});

describe('claims', () => {
  it('pass over what waits behind a claimed announcement of the same process, and only that', async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    await announce([event(one, 'a1'), event(one, 'a2'), event(two, 'b1')]);
    const first = await claimFromOutbox(replica.db, 1, 60_000);
    const second = await claimFromOutbox(replica.db, 10, 60_000);
    expect(idsOf(first)).toEqual(['a1']);
    expect(idsOf(second)).toEqual(['b1']);
  });

  it('of a relay that died run out', async () => {
    const process = randomUUID();
    await announce([event(process, 'c1')]);
    await claimFromOutbox(replica.db, 10, 1);
    const again = await eventually(async () => {
      const claimed = await claimFromOutbox(replica.db, 10, 60_000);
      expect(idsOf(claimed)).toContain('c1');
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
      expect(idsOf(claimed)).toEqual(['d1']);
      return claimed;
    });

    await returnToOutbox(replica.db, stalled, 0);
    expect(await claim(60_000)).toEqual([]);

    await returnToOutbox(replica.db, held, 0);
    expect(idsOf(await claim(60_000))).toEqual(['d1']);
  });
});
