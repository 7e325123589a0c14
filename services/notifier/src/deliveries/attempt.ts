import { withTenant, type Database } from '@handover/database';
import { traced, type Logger, type Metrics } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { Destination, ServiceMessage } from '../couriers/courier.js';
import type { NotifierSchema } from '../database.js';
import { signatureHeaders } from '../signing/sign-message.js';
import type { SigningKeys } from '../signing/signing-keys.js';
import type { Lookout, Recipient } from '../webhooks/lookout.js';
import type { Batched } from './batches.js';
import type { OpenDelivery } from './delivery.repository.js';
import type { ClaimedLane, Lane } from './lane.repository.js';
import type { Limits } from './limits.js';
import type { Schedule } from './schedule.js';
import type { Sender } from './sender.js';
import { isUsual, type Attempted } from './settle-together.js';
import { settle } from './settle.js';
import { judge, type AttemptResult, type Verdict } from './verdict.js';

export interface AttemptDeps {
  readonly db: Kysely<NotifierSchema>;
  readonly transact: Database<NotifierSchema>['transact'];
  readonly log: Logger;
  readonly metrics?: Metrics | undefined;
  readonly keys: SigningKeys;
  readonly lookout: Lookout;
  /** Sends events to webhooks. */
  readonly sender: Sender;
  readonly schedule: Schedule;
  /** A webhook that failed for so long is disabled. */
  readonly disableAfterMs: number;
  /** Sends notifications to services. */
  readonly carry: (message: ServiceMessage, to: Destination, signal: AbortSignal) => Promise<AttemptResult>;
  readonly serviceSchedule: Schedule;
  readonly limits: Limits;
  /** Settles what happens nearly always, together with others of the tenant; see `settle-together.ts`. */
  readonly settleTogether: Batched<Attempted, boolean>;
}

/** How to send a delivery. */
export type Way =
  { readonly kind: 'webhook'; readonly to: Recipient } | { readonly kind: 'service'; readonly to: Destination };

/** Waits grow by up to this much, so that what failed together is not tried again together. */
const JITTER = 0.2;

/** Makes one attempt. What goes wrong is a result, never thrown. */
export function makeAttempt(
  deps: AttemptDeps,
  lane: Lane,
  delivery: Pick<OpenDelivery, 'id' | 'body' | 'notification' | 'traceparent'>,
  way: Way,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const parent = delivery.traceparent ?? undefined;
  const span = { kind: 'client', parent, attributes: { 'handover.target': kindOf(way) } } as const;
  return traced('attempt', span, async (own) => {
    const made = await send(deps, lane, delivery, way, own.traceparent, signal);
    if (made.status !== null) own.note({ 'http.response.status_code': made.status });
    if (made.error !== null) own.fail('delivery');
    return made;
  });
}

/** Commits what came of an attempt at a claimed lane's first delivery; nothing, when `signal` ended it. */
export async function conclude(
  deps: AttemptDeps,
  lane: ClaimedLane,
  delivery: OpenDelivery,
  way: Way,
  result: AttemptResult,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted && result.status === null && result.error !== null) return;
  const number = delivery.attemptsMade + 1;
  const verdict = judged(deps, lane, delivery, result, way);
  const firstDelayMs = (way.kind === 'webhook' ? deps.schedule : deps.serviceSchedule)[0];
  const settled =
    way.kind === 'webhook' && isUsual(verdict)
      ? await deps.settleTogether(lane.tenant, { lane, id: delivery.id, number, result, verdict })
      : await withTenant(deps.db, lane.tenant, (tx) =>
          settle(tx, lane, { delivery, number, result, verdict }, firstDelayMs),
        );
  if (verdict.kind === 'gone') deps.lookout.forget(lane.tenant);
  report(deps, lane, delivery.id, way, result, number, settled ? verdict : undefined);
}

function send(
  { sender, keys, carry }: AttemptDeps,
  { tenant, target, processId: process }: Lane,
  { id, body, notification: facts }: Pick<OpenDelivery, 'id' | 'body' | 'notification'>,
  way: Way,
  traceparent: string | undefined,
  signal: AbortSignal,
): Promise<AttemptResult> {
  if (way.kind === 'webhook') {
    const { url, headers } = way.to;
    const sign = (at: Date) => signatureHeaders(keys, { ...way.to, id, body, webhook: target }, at);
    return sender.send({ url, headers, body, sign, traceparent }, signal);
  }
  if (!facts) throw new Error('a delivery to a service has lost what it is about');
  const caused = traceparent === undefined ? facts : { ...facts, traceparent };
  return carry({ id, tenant, process, facts: caused, body }, way.to, signal);
}

/** What is judged by the schedule, and by how long the target has been failing. */
function judged(
  deps: AttemptDeps,
  lane: ClaimedLane,
  delivery: OpenDelivery,
  result: AttemptResult,
  way: Way,
): Verdict {
  const number = delivery.attemptsMade + 1 - delivery.attemptsBefore;
  const isWebhook = way.kind === 'webhook';
  const verdict = judge(result, number, isWebhook ? deps.schedule : deps.serviceSchedule);
  if (verdict.kind === 'delivered') return verdict;
  if (isWebhook) return verdict.kind === 'gone' ? verdict : (hasFailedForLong(deps, lane) ?? verdict);
  if (verdict.kind === 'gone') return { kind: 'failed' };
  return verdict.kind === 'retry'
    ? { kind: 'retry', delayMs: Math.round(verdict.delayMs * (1 + JITTER * Math.random())) }
    : verdict;
}

function hasFailedForLong({ disableAfterMs }: AttemptDeps, { failingForMs }: ClaimedLane): Verdict | undefined {
  if (failingForMs < disableAfterMs) return undefined;
  return { kind: 'gone', reason: `every attempt failed for ${Math.floor(failingForMs / 86_400_000)} days` };
}

const kindOf = (way: Way): string => (way.kind === 'webhook' ? 'event' : way.to.config.provider);

/** What a log line about a delivery says of where it belongs. */
export const idsOf = ({ tenant, target, processId }: Lane, deliveryId: string) => ({
  tenant,
  processId,
  deliveryId,
  target,
});

/**
 * Learns from an attempt, counts it and tells the log.
 * @param id of the delivery
 * @param verdict undefined when the result was dropped
 */
export function report(
  { limits, metrics, log }: AttemptDeps,
  lane: Lane,
  id: string,
  way: Way,
  { status, error, durationMs }: AttemptResult,
  number: number,
  verdict: Verdict | undefined,
): void {
  const kind = kindOf(way);
  limits.learn(lane.target, error === null, durationMs);
  metrics?.count('handover_delivery_attempts_total', { target: kind, outcome: verdict?.kind ?? 'lost' });
  metrics?.observe('handover_delivery_attempt_seconds', { target: kind }, durationMs / 1_000);
  const fields = { ...idsOf(lane, id), attempt: number, status, error, durationMs };
  if (verdict === undefined) log.warn(fields, 'the lane was taken over or closed, the result is dropped');
  else if (verdict.kind === 'delivered') log.debug(fields, 'delivered');
  else if (verdict.kind === 'retry') log.info({ ...fields, retryInMs: verdict.delayMs }, 'attempt failed');
  else if (verdict.kind === 'gone') log.warn({ ...fields, reason: verdict.reason }, 'webhook disabled');
  else log.warn(fields, 'delivery failed for good');
}
