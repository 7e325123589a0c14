import type { Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { insertDeliveries, type NewDelivery } from './delivery.repository.js';
import { openLanes } from './lane.repository.js';
import { rememberTenant } from './retention.js';

/**
 * Stores deliveries of one tenant, except those their cause was already stored for, and opens their lanes.
 * @param delayMs before the first attempt
 * @returns how many are new
 */
export async function enqueue(
  tx: Transaction<NotifierSchema>,
  deliveries: readonly NewDelivery[],
  delayMs: number,
): Promise<number> {
  const [first] = deliveries;
  if (!first) return 0;
  await rememberTenant(tx, first.tenant);
  const stored = await insertDeliveries(tx, deliveries);
  await openLanes(tx, stored, delayMs);
  return stored.length;
}
