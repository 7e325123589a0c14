import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { notifierInHand } from '../test/in-hand.js';
import { claimLanes, type ClaimRequest } from './lane.repository.js';
import { storeDeliveries } from './store.js';

const inHand = notifierInHand();
const target = { drips: '', late: '' };

beforeEach(() => {
  for (const name of ['drips', 'late'] as const) target[name] = `${name}_${randomUUID()}`;
});

/** Deliveries to a target, each about another process and due. */
async function store(to: string, count: number): Promise<void> {
  const { tenant } = inHand.pipeline();
  const deliveries = Array.from({ length: count }, () => {
    const id = `msg_${randomUUID()}`;
    return { tenant, target: to, id, cause: id, processId: randomUUID(), body: '{}' };
  });
  await storeDeliveries(inHand.database.transact, tenant, deliveries);
}

/** @returns how many lanes each of them gets */
async function claimed(request: Partial<ClaimRequest>): Promise<readonly [drips: number, late: number]> {
  const lanes = await claimLanes(inHand.database.db, {
    room: 4,
    each: 8,
    inHand: new Map(),
    leaseMs: 60_000,
    ...request,
  });
  const of = (wanted: string): number => lanes.filter((lane) => lane.target === wanted).length;
  return [of(target.drips), of(target.late)];
}

it('targets take turns where there is not room for all, however long one has waited', async () => {
  await store(target.drips, 6);
  await store(target.late, 6);
  expect(await claimed({})).toEqual([2, 2]);
});

it('the one with less in hand comes first', async () => {
  await store(target.drips, 6);
  await store(target.late, 6);
  expect(await claimed({ inHand: new Map([[target.drips, 4]]) })).toEqual([0, 4]);
  expect(await claimed({ room: 2, inHand: new Map([[target.late, 4]]) })).toEqual([2, 0]);
});

it('those that take long get no more than is left for them, and the others all else', async () => {
  await store(target.drips, 6);
  await store(target.late, 6);
  const slow = { targets: new Set([target.drips]), room: 1 };
  expect(await claimed({ slow })).toEqual([1, 3]);
  expect(await claimed({ slow: { ...slow, room: 0 } })).toEqual([0, 3]);
});
