import type { Transaction } from 'kysely';
import type { Announcement, DeliveryStatus, NotifierSchema } from '../database.js';
import { markDisabled } from '../webhooks/webhook.repository.js';
import { isAboutDelivery } from './about.js';
import { closeCircuit, countFailure } from './circuit.repository.js';
import { cancelDeliveries, recordAttempt, waitingFor, type OpenDelivery } from './delivery.repository.js';
import { closeLane, holdLane, openLanes, releaseLane, type ClaimedLane } from './lane.repository.js';
import type { AttemptResult, Verdict } from './verdict.js';

type Tx = Transaction<NotifierSchema>;

/** An attempt that was made, and what follows from it. */
export interface Judged {
  readonly delivery: OpenDelivery;
  /** Of the attempt, from 1. */
  readonly number: number;
  readonly result: AttemptResult;
  readonly verdict: Verdict;
}

const OUTCOMES = {
  delivered: 'delivered',
  retry: 'pending',
  failed: 'failed',
  gone: 'failed',
} as const satisfies Record<Verdict['kind'], DeliveryStatus>;

/**
 * Records an attempt with what follows from it, for its delivery, its lane and its target.
 * @param firstDelayMs before the first attempt at the lane's next delivery
 * @returns false when the claim was lost meanwhile: the attempt is not recorded then
 */
export async function settle(tx: Tx, lane: ClaimedLane, judged: Judged, firstDelayMs: number): Promise<boolean> {
  const { delivery, number, result, verdict } = judged;
  const isDisabled = verdict.kind === 'gone' && (await markDisabled(tx, lane.target, verdict.reason));
  if (!(await holdLane(tx, lane))) return false;
  const outcome = verdict.kind === 'delivered' && result.reply ? 'replied' : OUTCOMES[verdict.kind];
  const announce = outcome === 'failed' ? announcementOf(delivery, isDisabled) : null;
  await recordAttempt(tx, lane.tenant, { ...result, deliveryId: delivery.id, number, outcome, announce });
  if (verdict.kind === 'gone') {
    await cancelDeliveries(tx, lane.target);
    await openLanes(tx, [lane], 0);
  } else if (verdict.kind === 'retry') await releaseLane(tx, lane, verdict.delayMs);
  else await leave(tx, lane, firstDelayMs);
  if (verdict.kind === 'delivered') {
    if (lane.failures > 0) await closeCircuit(tx, lane.target);
  } else if (result.permanent !== true) await countFailure(tx, lane.target);
  return true;
}

function announcementOf({ event }: OpenDelivery, isDisabled: boolean): Announcement | null {
  if (isDisabled) return 'webhook.disabled';
  return isAboutDelivery(event) ? null : 'delivery.failed';
}

/** Passes a held lane on to its next delivery, or closes it when there is none. */
export async function leave(tx: Tx, lane: ClaimedLane, firstDelayMs: number): Promise<void> {
  const waited = await waitingFor(tx, lane);
  if (waited === undefined) await closeLane(tx, lane);
  else await releaseLane(tx, lane, Math.max(0, firstDelayMs - waited));
}
