import { tenantScope, type Database } from '@handover/database';
import type { NotifierSchema } from '../database.js';
import type { ClaimedLane } from './lane.repository.js';
import type { AttemptResult } from './verdict.js';

const CLAIMED = 'target = $1 and process_id = $2 and claim = $3::uuid';
const OPEN = `target = $1 and process_id = $2 and (status in ('pending', 'waiting', 'replied') or announce is not null)`;

/**
 * {@link settle} for what happens nearly always: a webhook that did not fail lately took the message. One round trip, and not
 * waited for on disk: what a crash of the database takes back is delivered again, as it may be.
 * @returns false when the claim was lost meanwhile
 */
export async function settleDelivered(
  transact: Database<NotifierSchema>['transact'],
  lane: ClaimedLane,
  { id, number, result }: { readonly id: string; readonly number: number; readonly result: AttemptResult },
  firstDelayMs: number,
): Promise<boolean> {
  const place = [lane.target, lane.processId, lane.claim];
  const { startedAt, durationMs, status, answer } = result;
  const [held = []] = await transact({ ...tenantScope(lane.tenant), synchronous_commit: 'off' }, [
    { name: 'hold_lane', sql: `select claim from delivery_lanes where ${CLAIMED} for update`, parameters: place },
    {
      name: 'record_attempt',
      sql: `insert into attempts (tenant, delivery_id, number, started_at, duration_ms, status, answer)
        select tenant, $4, $5, $6, $7, $8, $9 from delivery_lanes where ${CLAIMED}`,
      parameters: [...place, id, number, startedAt.toISOString(), durationMs, status, answer],
    },
    {
      name: 'delivered',
      sql: `update deliveries set attempts_made = $5, status = 'delivered', settled_at = now()
        where id = $4 and exists (select from delivery_lanes where ${CLAIMED})`,
      parameters: [...place, id, number],
    },
    // A statement each: whoever adds a delivery locks the lane, and each of these sees what was added before it.
    {
      name: 'close_lane',
      sql: `delete from delivery_lanes where ${CLAIMED} and not exists (select from deliveries where ${OPEN})`,
      parameters: place,
    },
    {
      name: 'pass_lane_on',
      sql: `update delivery_lanes set claim = null, due_at = coalesce(
          (select case when status in ('pending', 'waiting')
             then greatest(now(), created_at + $4 * interval '1 millisecond') else now() end
           from deliveries where ${OPEN} order by position limit 1), now())
        where ${CLAIMED}`,
      parameters: [...place, firstDelayMs],
    },
  ]);
  return held.length > 0;
}
