import { HandoverError } from '@handover/contracts';
import { withTenant, type Database } from '@handover/database';
import { traced, withContext, type Logger, type Metrics } from '@handover/runtime';
import type { Kysely, Transaction } from 'kysely';
import { awaitsReply } from '../couriers/amqp.js';
import type { Destination, ServiceMessage } from '../couriers/courier.js';
import { longestAttempt } from '../couriers/index.js';
import type { NotifierSchema } from '../database.js';
import type { Registry } from '../services/registry.js';
import { signatureHeaders } from '../signing/sign-message.js';
import type { SigningKeys } from '../signing/signing-keys.js';
import { targetOf, type Target } from '../targets/target.js';
import { findRecipient, type Recipient } from '../webhooks/recipient.js';
import type { SecretVault } from '../webhooks/secret.js';
import { failingFor } from './circuit.repository.js';
import {
  cancelDeliveries,
  findFirstOpen,
  markAnnounced,
  markWaiting,
  recordReply,
  type OpenDelivery,
} from './delivery.repository.js';
import { LEASE_MARGIN_MS, extendLease, holdLane, releaseLane, type ClaimedLane } from './lane.repository.js';
import type { Limits } from './limits.js';
import type { Schedule } from './schedule.js';
import type { Sender } from './sender.js';
import { settleDelivered } from './settle-delivered.js';
import { leave, settle } from './settle.js';
import { judge, type AttemptResult, type Verdict } from './verdict.js';

export interface AttemptDeps {
  readonly db: Kysely<NotifierSchema>;
  readonly transact: Database<NotifierSchema>['transact'];
  readonly log: Logger;
  readonly metrics?: Metrics | undefined;
  readonly vault: SecretVault;
  readonly keys: SigningKeys;
  /** Sends events to webhooks. */
  readonly sender: Sender;
  readonly schedule: Schedule;
  /** A webhook that failed for so long is disabled. */
  readonly disableAfterMs: number;
  /** Sends notifications to services. */
  readonly registry: Registry;
  readonly carry: (message: ServiceMessage, to: Destination, signal: AbortSignal) => Promise<AttemptResult>;
  readonly serviceSchedule: Schedule;
  readonly limits: Limits;
  /** Hands a reply in at the engine. @throws HandoverError when the process refuses it, or nobody answers */
  readonly handIn: (capability: string, response: unknown, traceparent: string | null) => Promise<void>;
  /** Tells the world about a delivery; the same id however often. */
  readonly announce: (lane: ClaimedLane, delivery: OpenDelivery) => Promise<void>;
}

type Tx = Transaction<NotifierSchema>;

/** How to send the delivery in hand. */
type Way =
  { readonly kind: 'webhook'; readonly to: Recipient } | { readonly kind: 'service'; readonly to: Destination };

/** Waits grow by up to this much, so that what failed together is not tried again together. */
const JITTER = 0.2;
const LONGEST_WAIT_FOR_SERVICE_MS = 300_000;
const HAND_IN_AGAIN_MS = 2_000;

/**
 * Does what the first open delivery of a claimed lane is waiting for: announces what became of it, hands its reply in, or
 * makes an attempt, and commits what came of it. When `signal` ends it, nothing is recorded, and the lane becomes due again
 * with its lease.
 */
export async function workOn(deps: AttemptDeps, lane: ClaimedLane, signal: AbortSignal): Promise<void> {
  const target = targetOf(lane.tenant, lane.target);
  const taken = await withTenant(deps.db, lane.tenant, (tx) => takeFirst(deps, tx, lane, target));
  if (!taken || signal.aborted) return;
  const { delivery, way } = taken;
  const { id: deliveryId, traceparent } = delivery;
  const context = { tenant: lane.tenant, processId: lane.processId, deliveryId, traceparent: traceparent ?? undefined };
  await withContext(context, async () => {
    if (delivery.announce !== null) return announceFirst(deps, lane, delivery);
    if (delivery.status === 'replied') return handInReply(deps, lane, delivery);
    if (way) return attempt(deps, lane, delivery, way, signal);
  });
}

/** The lane's first delivery and how to send it. Without either the lane is put aside or cleared away. */
async function takeFirst(
  { registry, vault, limits }: AttemptDeps,
  tx: Tx,
  lane: ClaimedLane,
  target: Target,
): Promise<{ delivery: OpenDelivery; way?: Way } | undefined> {
  const delivery = await findFirstOpen(tx, lane);
  if (!delivery) {
    if (await holdLane(tx, lane)) await leave(tx, lane, 0);
    return undefined;
  }
  if (delivery.announce !== null || delivery.status === 'replied') return { delivery };
  if (target.kind === 'webhook') {
    const to = await findRecipient(tx, vault, lane.tenant, target.id);
    if (to) return { delivery, way: { kind: 'webhook', to } };
    await cancelDeliveries(tx, target.id);
    return undefined;
  }
  const to = await registry.find(tx, lane.tenant, target.name);
  if (!to) {
    if (!(await holdLane(tx, lane))) return undefined;
    await markWaiting(tx, delivery.id);
    await releaseLane(tx, lane, Math.min(LONGEST_WAIT_FOR_SERVICE_MS, Math.max(1_000, delivery.age / 4)));
    return undefined;
  }
  const wait = limits.take(lane.target, to.config);
  if (wait > 0) {
    if (await holdLane(tx, lane)) await releaseLane(tx, lane, wait);
    return undefined;
  }
  if (!(await extendLease(tx, lane, longestAttempt(to.config) + LEASE_MARGIN_MS))) return undefined;
  if (to.config.provider === 'amqp' && awaitsReply(to.config)) {
    // Known before it is sent: the reply may be quicker than the record of the attempt.
    const row = { delivery_id: delivery.id, tenant: lane.tenant, target: lane.target };
    await tx
      .insertInto('awaited_replies')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  return { delivery, way: { kind: 'service', to } };
}

async function attempt(deps: AttemptDeps, lane: ClaimedLane, delivery: OpenDelivery, way: Way, signal: AbortSignal) {
  const kind = way.kind === 'webhook' ? 'event' : way.to.config.provider;
  const parent = delivery.traceparent ?? undefined;
  const span = { kind: 'client', parent, attributes: { 'handover.target': kind } } as const;
  const result = await traced('attempt', span, async (own) => {
    const made = await send(deps, lane, delivery, way, own.traceparent, signal);
    if (made.status !== null) own.note({ 'http.response.status_code': made.status });
    if (made.error !== null) own.fail('delivery');
    return made;
  });
  if (signal.aborted && result.status === null && result.error !== null) return;
  const number = delivery.attemptsMade + 1;
  const verdict = await judged(deps, lane, delivery, result, way);
  const firstDelayMs = (way.kind === 'webhook' ? deps.schedule : deps.serviceSchedule)[0];
  const isUsual = way.kind === 'webhook' && verdict.kind === 'delivered' && lane.failures === 0;
  const settled = isUsual
    ? await settleDelivered(deps.transact, lane, { id: delivery.id, number, result }, firstDelayMs)
    : await withTenant(deps.db, lane.tenant, (tx) =>
        settle(tx, lane, { delivery, number, result, verdict }, firstDelayMs),
      );
  deps.limits.learn(lane.target, verdict.kind === 'delivered');
  report(deps.log, lane, result, number, settled ? verdict : undefined);
  deps.metrics?.count('handover_delivery_attempts_total', { target: kind, outcome: settled ? verdict.kind : 'lost' });
  deps.metrics?.observe('handover_delivery_attempt_seconds', { target: kind }, result.durationMs / 1_000);
}

function send(
  { sender, keys, carry }: AttemptDeps,
  { tenant, target, processId: process }: ClaimedLane,
  { id, body, notification: facts }: OpenDelivery,
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
async function judged(
  deps: AttemptDeps,
  lane: ClaimedLane,
  delivery: OpenDelivery,
  result: AttemptResult,
  way: Way,
): Promise<Verdict> {
  const number = delivery.attemptsMade + 1 - delivery.attemptsBefore;
  const isWebhook = way.kind === 'webhook';
  const verdict = judge(result, number, isWebhook ? deps.schedule : deps.serviceSchedule);
  if (verdict.kind === 'delivered') return verdict;
  if (isWebhook) return verdict.kind === 'gone' ? verdict : ((await hasFailedForLong(deps, lane)) ?? verdict);
  if (verdict.kind === 'gone') return { kind: 'failed' };
  return verdict.kind === 'retry'
    ? { kind: 'retry', delayMs: Math.round(verdict.delayMs * (1 + JITTER * Math.random())) }
    : verdict;
}

async function hasFailedForLong(
  { db, disableAfterMs }: AttemptDeps,
  { tenant, target, failures }: ClaimedLane,
): Promise<Verdict | undefined> {
  if (failures === 0) return undefined;
  const ms = await withTenant(db, tenant, (tx) => failingFor(tx, target));
  if (ms < disableAfterMs) return undefined;
  return { kind: 'gone', reason: `every attempt failed for ${Math.floor(ms / 86_400_000)} days` };
}

/** A process that is killed in between announces it again, under the same id. */
async function announceFirst(deps: AttemptDeps, lane: ClaimedLane, delivery: OpenDelivery): Promise<void> {
  await deps.announce(lane, delivery);
  await withTenant(deps.db, lane.tenant, async (tx) => {
    if (!(await holdLane(tx, lane))) return;
    await markAnnounced(tx, delivery.id);
    await leave(tx, lane, 0);
  });
}

/** The engine takes the same reply once, so a process that is killed in between may ask again. */
async function handInReply({ db, log, handIn }: AttemptDeps, lane: ClaimedLane, delivery: OpenDelivery): Promise<void> {
  const { notification, reply } = delivery;
  let refusal: string | undefined;
  try {
    await handIn(notification?.capability ?? '', reply?.value, delivery.traceparent);
  } catch (error) {
    if (!(error instanceof HandoverError) || error.retry !== 'never') {
      log.warn({ err: error, target: lane.target }, 'a reply cannot be handed in now');
      return withTenant(db, lane.tenant, async (tx) => {
        if (await holdLane(tx, lane)) await releaseLane(tx, lane, HAND_IN_AGAIN_MS);
      });
    }
    refusal = [error.message, ...(error.reasons ?? [])].join(': ');
  }
  await withTenant(db, lane.tenant, async (tx) => {
    if (!(await holdLane(tx, lane))) return;
    await recordReply(tx, delivery.id, refusal);
    if (refusal === undefined) await tx.deleteFrom('awaited_replies').where('delivery_id', '=', delivery.id).execute();
    await leave(tx, lane, 0);
  });
  if (refusal === undefined) log.info({ target: lane.target }, 'reply applied');
  else log.warn({ target: lane.target, reason: refusal }, 'reply refused');
}

function report(
  log: Logger,
  { target }: ClaimedLane,
  { status, error, durationMs }: AttemptResult,
  number: number,
  verdict: Verdict | undefined,
): void {
  const fields = { target, attempt: number, status, error, durationMs };
  if (verdict === undefined) log.warn(fields, 'the lane was taken over or closed, the result is dropped');
  else if (verdict.kind === 'delivered') log.info(fields, 'delivered');
  else if (verdict.kind === 'retry') log.info({ ...fields, retryInMs: verdict.delayMs }, 'attempt failed');
  else if (verdict.kind === 'gone') log.warn({ ...fields, reason: verdict.reason }, 'webhook disabled');
  else log.warn(fields, 'delivery failed for good');
}
