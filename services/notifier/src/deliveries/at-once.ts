import { randomUUID } from 'node:crypto';
import type { ActiveWebhook } from '../webhooks/lookout.js';
import { findFree, recordMade, type Made } from './at-once.repository.js';
import { conclude, makeAttempt, report, type AttemptDeps, type Way } from './attempt.js';
import { createBatches } from './batches.js';
import type { OpenDelivery } from './delivery.repository.js';
import type { ClaimedLane } from './lane.repository.js';
import { PROMPT_MS } from './limits.js';
import type { Places } from './places.js';
import { storeDeliveries, type NewDelivery, type Stored, type ToStore } from './store.js';
import type { AttemptResult } from './verdict.js';

export interface AtOnceDeps extends AttemptDeps {
  readonly places: Places;
  /** How long a claimed lane is ours; longer than an attempt takes. */
  readonly leaseMs: number;
  /** Something new may be due. */
  readonly wake: () => void;
}

/** Delivers to webhooks what nobody has stored yet. */
export interface AtOnce {
  /** Resolves when the delivery is made, or stored to be made; another of its target and process may be begun then. */
  deliver(delivery: NewDelivery, webhook: ActiveWebhook): Promise<void>;
  /** Waits for the attempts under way for `graceMs`, then aborts them. */
  stop(graceMs: number): Promise<void>;
}

/** How long an event may wait for a place, in milliseconds: those behind it on the bus wait with it. */
const LONGEST_QUEUE_MS = 2 * PROMPT_MS;

/** Deliveries that come one after the other share round trips, begun so many milliseconds apart. */
const LOOKED_UP_APART_MS = 5;
const RECORDED_APART_MS = 10;

/**
 * Makes the first attempt while the bus still holds the event: most receivers answer at once, and what is made need only be recorded.
 * What is not answered within {@link PROMPT_MS} or not taken is stored, with its lane claimed for the attempt under way, and is from
 * then on like any other. A crash before has the bus give the event again, under the same id.
 */
export function createAtOnce(deps: AtOnceDeps): AtOnce {
  const { transact, places, limits, leaseMs, log } = deps;
  const [firstDelayMs] = deps.schedule;
  const aborter = new AbortController();
  const underWay = new Set<Promise<void>>();
  /** Lane → the latest delivery of it that is begun here. */
  const lanes = new Map<string, Promise<void>>();
  const isFree = createBatches<NewDelivery, boolean>((tenant, each) => findFree(transact, tenant, each), {
    apartMs: LOOKED_UP_APART_MS,
  });
  const record = createBatches<Made, void>(
    async (tenant, made) => {
      await recordMade(transact, tenant, made);
      return [];
    },
    { apartMs: RECORDED_APART_MS },
  );
  const store = createBatches<ToStore, Stored>((tenant, each) =>
    storeDeliveries(transact, tenant, each, { delayMs: firstDelayMs, leaseMs }),
  );

  const leaveToOthers = async (delivery: NewDelivery): Promise<void> => {
    if ((await store(delivery.tenant, delivery)) !== 'known') deps.wake();
  };

  /** Stores what is being sent, and sees to the end of it. */
  const goOn = async (delivery: NewDelivery, way: Way, attempt: Promise<AttemptResult>): Promise<void> => {
    const claim = randomUUID();
    const stored = await store(delivery.tenant, { ...delivery, claim });
    if (stored === 'stored') deps.wake();
    if (stored !== 'claimed') return;
    const { tenant, target, processId } = delivery;
    const lane: ClaimedLane = { tenant, target, processId, claim, failures: 0, failingForMs: 0 };
    const task = attempt
      .then((result) => conclude(deps, lane, justStored(delivery), way, result, aborter.signal))
      .catch((error: unknown) => log.error({ err: error, ...lane }, 'a delivery could not be worked on'))
      .finally(() => {
        underWay.delete(task);
        deps.wake();
      });
    underWay.add(task);
  };

  const deliver = async (delivery: NewDelivery, webhook: ActiveWebhook): Promise<void> => {
    const taken = new Date();
    const isWorthIt = firstDelayMs === 0 && limits.isPrompt(delivery.target);
    if (!isWorthIt || !(await isFree(delivery.tenant, delivery))) return leaveToOthers(delivery);
    const leave = await places.takeForNew(delivery.target, LONGEST_QUEUE_MS);
    if (!leave) return leaveToOthers(delivery);
    const way: Way = { kind: 'webhook', to: webhook.to() };
    const attempt = makeAttempt(
      deps,
      delivery,
      { ...delivery, traceparent: delivery.traceparent ?? null, notification: null },
      way,
      aborter.signal,
    ).finally(leave);
    const result = await promptly(attempt);
    if (!result) {
      limits.learnLate(delivery.target);
      if (!limits.isPrompt(delivery.target)) places.dismiss(delivery.target);
    }
    if (result?.error !== null) return goOn(delivery, way, attempt);
    await record(delivery.tenant, { delivery, taken, result });
    report(deps, delivery, delivery.id, way, result, 1, { kind: 'delivered' });
  };

  /** One after the other within a lane, whoever calls: none sees what the one before has not stored yet. */
  const inTurn = async (delivery: NewDelivery, webhook: ActiveWebhook): Promise<void> => {
    const lane = JSON.stringify([delivery.target, delivery.processId]);
    const before = lanes.get(lane);
    const mine = before
      ? before.catch(() => undefined).then(() => deliver(delivery, webhook))
      : deliver(delivery, webhook);
    lanes.set(lane, mine);
    try {
      await mine;
    } finally {
      if (lanes.get(lane) === mine) lanes.delete(lane);
    }
  };

  return {
    deliver: inTurn,
    async stop(graceMs) {
      const timer = setTimeout(() => aborter.abort(), graceMs);
      while (underWay.size > 0) await Promise.all(underWay);
      clearTimeout(timer);
    },
  };
}

/** @returns undefined when it takes longer than {@link PROMPT_MS} */
function promptly(attempt: Promise<AttemptResult>): Promise<AttemptResult | undefined> {
  return new Promise((resolve, reject) => {
    // When this process was late itself, the answer may be there unread: it is, before the timer counts.
    const timer = setTimeout(() => setImmediate(resolve, undefined), PROMPT_MS);
    attempt.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

const justStored = ({ id, cause, event, traceparent, body }: NewDelivery): OpenDelivery => ({
  id,
  cause,
  event: event ?? null,
  traceparent: traceparent ?? null,
  body,
  status: 'pending',
  attemptsMade: 0,
  attemptsBefore: 0,
  notification: null,
  reply: null,
  announce: null,
  reason: null,
  age: 0,
});
