import { withTenant } from '@handover/database';
import { withContext, type Logger } from '@handover/runtime';
import type { Kysely, Transaction } from 'kysely';
import type { DeliveryStatus, NotifierSchema } from '../database.js';
import { ownerOf, type SecretVault } from '../webhooks/secret.js';
import { markDisabled } from '../webhooks/webhook.repository.js';
import {
  cancelDeliveries,
  findFirstPending,
  recordAttempt,
  waitingFor,
  type PendingDelivery,
} from './delivery.repository.js';
import { closeLane, holdLane, releaseLane, type ClaimedLane } from './lane.repository.js';
import type { Schedule } from './schedule.js';
import type { Sender } from './sender.js';
import { judge, type AttemptResult, type Verdict } from './verdict.js';

export interface AttemptDeps {
  readonly db: Kysely<NotifierSchema>;
  readonly log: Logger;
  readonly sender: Sender;
  readonly vault: SecretVault;
  readonly schedule: Schedule;
}

const OUTCOMES = {
  delivered: 'delivered',
  retry: 'pending',
  failed: 'failed',
  gone: 'failed',
} as const satisfies Record<Verdict['kind'], DeliveryStatus>;

/**
 * Makes one attempt at the first delivery of a claimed lane and commits what came of it. When `signal` ends the attempt
 * nothing is recorded, and the lane becomes due again with its lease.
 */
export async function attemptDelivery(deps: AttemptDeps, lane: ClaimedLane, signal: AbortSignal): Promise<void> {
  const delivery = await withTenant(deps.db, lane.tenant, (tx) => takeFirst(tx, lane));
  if (!delivery || signal.aborted) return;
  await withContext({ tenant: lane.tenant, processId: lane.processId, deliveryId: delivery.id }, async () => {
    const secret = deps.vault.open(delivery.sealedSecret, ownerOf(lane.tenant, lane.webhookId));
    const result = await deps.sender.send({ ...delivery, secret }, signal);
    if (signal.aborted && result.status === null) return;
    const number = delivery.attemptsMade + 1;
    const verdict = judge(result, number, deps.schedule);
    const settled = await withTenant(deps.db, lane.tenant, (tx) =>
      settle(tx, lane, { ...result, deliveryId: delivery.id, number }, verdict, deps.schedule),
    );
    report(deps.log, lane, result, number, settled ? verdict : undefined);
  });
}

/** The lane's first delivery, when there is one and its webhook still wants it. Otherwise the lane is cleared away. */
async function takeFirst(tx: Transaction<NotifierSchema>, lane: ClaimedLane): Promise<PendingDelivery | undefined> {
  const delivery = await findFirstPending(tx, lane);
  if (delivery?.wanted === true) return delivery;
  if (delivery) await cancelDeliveries(tx, lane.webhookId);
  else if (await holdLane(tx, lane)) await leave(tx, lane, 0);
  return undefined;
}

/** @returns false when the claim was lost meanwhile: the attempt is not recorded then */
async function settle(
  tx: Transaction<NotifierSchema>,
  lane: ClaimedLane,
  attempt: AttemptResult & { readonly deliveryId: string; readonly number: number },
  verdict: Verdict,
  schedule: Schedule,
): Promise<boolean> {
  if (verdict.kind === 'gone') await markDisabled(tx, lane.webhookId, 'the receiver answered 410 Gone');
  if (!(await holdLane(tx, lane))) return false;
  await recordAttempt(tx, lane.tenant, { ...attempt, outcome: OUTCOMES[verdict.kind] });
  if (verdict.kind === 'gone') await cancelDeliveries(tx, lane.webhookId);
  else if (verdict.kind === 'retry') await releaseLane(tx, lane, verdict.delayMs);
  else await leave(tx, lane, schedule[0]);
  return true;
}

/** Passes a held lane on to its next delivery, or closes it when there is none. */
async function leave(tx: Transaction<NotifierSchema>, lane: ClaimedLane, firstDelayMs: number): Promise<void> {
  const waited = await waitingFor(tx, lane);
  if (waited === undefined) await closeLane(tx, lane);
  else await releaseLane(tx, lane, Math.max(0, firstDelayMs - waited));
}

function report(
  log: Logger,
  { webhookId }: ClaimedLane,
  { status, error, durationMs }: AttemptResult,
  attempt: number,
  verdict: Verdict | undefined,
): void {
  const fields = { webhookId, attempt, status, error, durationMs };
  if (verdict === undefined) log.warn(fields, 'the lane was taken over or closed, the result is dropped');
  else if (verdict.kind === 'delivered') log.info(fields, 'delivered');
  else if (verdict.kind === 'retry') log.info({ ...fields, retryInMs: verdict.delayMs }, 'attempt failed');
  else if (verdict.kind === 'gone') log.warn(fields, 'receiver is gone, webhook disabled');
  else log.warn(fields, 'delivery failed for good');
}
