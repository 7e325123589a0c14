import { HandoverError } from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Kysely, Transaction } from 'kysely';
import { awaitsReply } from '../couriers/amqp.js';
import { longestAttempt } from '../couriers/index.js';
import type { NotifierSchema } from '../database.js';
import type { Registry } from '../services/registry.js';
import { targetOf, type Target } from '../targets/target.js';
import { conclude, idsOf, makeAttempt, type AttemptDeps, type Way } from './attempt.js';
import { createBatches, type Batched } from './batches.js';
import {
  cancelDeliveries,
  findFirstOpen,
  markAnnounced,
  markWaiting,
  recordReply,
  type OpenDelivery,
} from './delivery.repository.js';
import { LEASE_MARGIN_MS, extendLease, holdLane, releaseLane, type ClaimedLane, type Lane } from './lane.repository.js';
import type { Places } from './places.js';
import type { Schedule } from './schedule.js';
import { settleTogether } from './settle-together.js';
import { leave } from './settle.js';

export interface WorkDeps extends AttemptDeps {
  readonly registry: Registry;
  readonly places: Pick<Places, 'inHand'>;
  /** The first open delivery of a lane; looked up together with others of the tenant. */
  readonly findFirstOpen: Batched<Lane, OpenDelivery | undefined>;
  /** Hands a reply in at the engine. @throws HandoverError when the process refuses it, or nobody answers */
  readonly handIn: (capability: string, response: unknown, traceparent: string | null) => Promise<void>;
  /** Tells the world about a delivery; the same id however often. */
  readonly announce: (lane: ClaimedLane, delivery: OpenDelivery) => Promise<void>;
}

/** What lanes are looked up and settled by, many at a time. */
export function groupedFor(
  transact: AttemptDeps['transact'],
  [firstDelayMs]: Schedule,
): Pick<WorkDeps, 'findFirstOpen' | 'settleTogether'> {
  return {
    findFirstOpen: createBatches((tenant, lanes) => findFirstOpen(transact, tenant, lanes)),
    settleTogether: createBatches((tenant, attempted) => settleTogether(transact, tenant, attempted, firstDelayMs)),
  };
}

type Tx = Transaction<NotifierSchema>;

const LONGEST_WAIT_FOR_SERVICE_MS = 300_000;
const HAND_IN_AGAIN_MS = 2_000;

/**
 * Does what the first open delivery of a claimed lane is waiting for: announces what became of it, hands its reply in, or
 * makes an attempt, and commits what came of it. When `signal` ends it, nothing is recorded, and the lane becomes due again
 * with its lease.
 */
export async function workOn(deps: WorkDeps, lane: ClaimedLane, signal: AbortSignal): Promise<void> {
  const delivery = await deps.findFirstOpen(lane.tenant, lane);
  if (!delivery) return clearAway(deps.db, lane);
  if (signal.aborted) return;
  if (delivery.announce !== null) return announceFirst(deps, lane, delivery);
  if (delivery.status === 'replied') return handInReply(deps, lane, delivery);
  const way = await findWay(deps, lane, delivery, targetOf(lane.tenant, lane.target));
  if (!way || signal.aborted) return;
  const result = await makeAttempt(deps, lane, delivery, way, signal);
  await conclude(deps, lane, delivery, way, result, signal);
}

/** A lane without anything open is closed. */
function clearAway(db: Kysely<NotifierSchema>, lane: ClaimedLane): Promise<void> {
  return withTenant(db, lane.tenant, async (tx) => {
    if (await holdLane(tx, lane)) await leave(tx, lane, 0);
  });
}

/** How to send a delivery now. Where there is no way, its lane is put aside, or its target wants nothing any more. */
async function findWay(
  deps: WorkDeps,
  lane: ClaimedLane,
  delivery: OpenDelivery,
  target: Target,
): Promise<Way | undefined> {
  if (target.kind === 'service') {
    return withTenant(deps.db, lane.tenant, (tx) => findService(deps, tx, lane, delivery, target.name));
  }
  const webhook = (await deps.lookout.of(lane.tenant)).get(target.id);
  if (webhook) return { kind: 'webhook', to: webhook.to() };
  await withTenant(deps.db, lane.tenant, (tx) => cancelDeliveries(tx, target.id));
  return undefined;
}

async function findService(
  { registry, limits, places }: WorkDeps,
  tx: Tx,
  lane: ClaimedLane,
  delivery: OpenDelivery,
  name: string,
): Promise<Way | undefined> {
  const to = await registry.find(tx, lane.tenant, name);
  if (!to) {
    if (!(await holdLane(tx, lane))) return undefined;
    await markWaiting(tx, delivery.id);
    await releaseLane(tx, lane, Math.min(LONGEST_WAIT_FOR_SERVICE_MS, Math.max(1_000, delivery.age / 4)));
    return undefined;
  }
  const wait = limits.take(lane.target, to.config, places.inHand.get(lane.target) ?? 0);
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
  return { kind: 'service', to };
}

/** A process that is killed in between announces it again, under the same id. */
async function announceFirst(deps: WorkDeps, lane: ClaimedLane, delivery: OpenDelivery): Promise<void> {
  await deps.announce(lane, delivery);
  await withTenant(deps.db, lane.tenant, async (tx) => {
    if (!(await holdLane(tx, lane))) return;
    await markAnnounced(tx, delivery.id);
    await leave(tx, lane, 0);
  });
}

/** The engine takes the same reply once, so a process that is killed in between may ask again. */
async function handInReply({ db, log, handIn }: WorkDeps, lane: ClaimedLane, delivery: OpenDelivery): Promise<void> {
  const { notification, reply } = delivery;
  const ids = idsOf(lane, delivery.id);
  let refusal: string | undefined;
  try {
    await handIn(notification?.capability ?? '', reply?.value, delivery.traceparent);
  } catch (error) {
    if (!(error instanceof HandoverError) || error.retry !== 'never') {
      log.warn({ ...ids, err: error }, 'a reply cannot be handed in now');
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
  if (refusal === undefined) log.info(ids, 'reply applied');
  else log.warn({ ...ids, reason: refusal }, 'reply refused');
}
