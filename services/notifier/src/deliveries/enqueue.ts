import type { Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { insertDeliveries, type NewDelivery } from './delivery.repository.js';
import { openLanes } from './lane.repository.js';
import { rememberTenant } from './retention.js';

/**
 * Stores deliveries of one tenant, except those their cause was already stored for, and opens their lanes.
 * @param delayMs before the first attempt
 * @returns ids of those that are new
 */
export async function enqueue(
  tx: Transaction<NotifierSchema>,
  deliveries: readonly NewDelivery[],
  delayMs: number,
): Promise<ReadonlySet<string>> {
  const [first] = deliveries;
  if (!first) return new Set();
  await rememberTenant(tx, first.tenant);
  const stored = await insertDeliveries(tx, deliveries);
  await openLanes(tx, lanesOf(stored), delayMs);
  return new Set(stored.map(({ id }) => id));
}

/** Each once, and in an order that is the same for everybody, so that two transactions never wait for each other. */
function lanesOf(deliveries: readonly NewDelivery[]): NewDelivery[] {
  const nameOf = ({ target, processId }: NewDelivery): string => JSON.stringify([target, processId]);
  const byName = new Map(deliveries.map((delivery) => [nameOf(delivery), delivery]));
  return [...byName].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, delivery]) => delivery);
}
