import { eventually, type Receiver } from '@handover/testkit';
import { CompiledQuery, sql } from 'kysely';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { notifierInHand } from '../test/in-hand.js';
import type { NotifierDatabase, Pipeline } from '../test/pipeline.js';
import { cancelDeliveries } from './delivery.repository.js';
import { findWebhook, markDeleted } from '../webhooks/webhook.repository.js';
import { claimLanes } from './lane.repository.js';
import { storing } from './store.js';

const inHand = notifierInHand();
const { receiver, pipeline } = inHand;

const subjects = (target: Receiver): string[] =>
  target.requests.map(({ body }) => (JSON.parse(body) as { data: { event: string } }).data.event);

/** Fails (by a division by zero) while nobody does. */
async function someoneWaitsForALock({ db }: NotifierDatabase): Promise<void> {
  await sql`select 1 / count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
}

describe('an event', () => {
  it('reaches the webhooks of its tenant that want it, signed', async () => {
    const [wanting, other, foreign] = [await receiver(), await receiver(), await receiver()];
    const [ours, theirs] = [pipeline(), pipeline()];
    const { secret } = await ours.webhook(wanting.url, ['process.started']);
    await ours.webhook(other.url, ['process.completed']);
    await theirs.webhook(foreign.url);
    ours.start();
    const event = ours.event('p1');
    expect(await ours.emit(event)).toEqual({ kind: 'done' });
    const { body, headers } = await wanting.request(1);
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({
      type: 'process.started',
      timestamp: event.time,
      data: { tenant: ours.tenant, subject: 'p1', event: event.id, state: 'initial' },
    });
    await ours.logged('delivered');
    expect(await ours.deliveries()).toMatchObject([{ status: 'delivered', attempts_made: 1 }]);
    expect(await ours.lanes()).toEqual([]);
    expect([other.requests, foreign.requests]).toEqual([[], []]);
  });

  it('that comes twice makes one delivery', async () => {
    const target = await receiver();
    const pipe = pipeline();
    await pipe.webhook(target.url);
    const [first, second] = [pipe.event('p1'), pipe.event('p1')];
    await Promise.all([pipe.emit(first), pipe.emit(first)]);
    expect(await pipe.emit(first)).toEqual({ kind: 'done' });
    pipe.start();
    await pipe.emit(second);
    await target.request(2);
    await pipe.logged('delivered', 2);
    expect(await pipe.emit(first)).toEqual({ kind: 'done' });
    expect(await pipe.deliveries()).toHaveLength(2);
    expect(subjects(target)).toEqual([first.id, second.id]);
  });

  it('that is none is rejected with the reason', async () => {
    const pipe = pipeline();
    await pipe.webhook('https://example.com/hook');
    const { data: _, ...noFacts } = pipe.event('p1');
    expect(await pipe.emit(noFacts as never)).toMatchObject({
      kind: 'reject',
      reason: expect.stringContaining('data'),
    });
    const unknown = { ...pipe.event('p1'), type: 'process.vanished' };
    expect(await pipe.emit(unknown as never)).toMatchObject({
      kind: 'reject',
      reason: expect.stringContaining('type'),
    });
  });
});

describe('a failing receiver', () => {
  it('gets the message again by the schedule: same id, fresh timestamp, until it takes it', async () => {
    const target = await receiver(500, { status: 500, body: 'still ill' }, 200);
    const pipe = pipeline({ schedule: [0, 50, 1_100] });
    const { secret, id } = await pipe.webhook(target.url);
    pipe.start();
    await pipe.emit(pipe.event('p1'));
    await target.request(3);
    await pipe.logged('delivered');
    const ids = target.requests.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(1);
    const times = target.requests.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(times[2]).toBeGreaterThan(times[0] ?? Infinity);
    for (const { body, headers } of target.requests) new Webhook(secret).verify(body, headers);
    const [delivery] = await pipe.deliveries();
    expect(delivery).toMatchObject({ id: ids[0], target: id, status: 'delivered', attempts_made: 3 });
    expect(await pipe.attempts()).toMatchObject([
      { number: 1, status: 500, error: 'answered 500', answer: '' },
      { number: 2, status: 500, error: 'answered 500', answer: 'still ill' },
      { number: 3, status: 200, error: null },
    ]);
  });

  it('is waited for as long as it asks', async () => {
    const target = await receiver({ status: 503, headers: { 'retry-after': '1' } }, 200);
    const pipe = pipeline({ schedule: [0, 10] });
    await pipe.webhook(target.url);
    pipe.start();
    await pipe.emit(pipe.event('p1'));
    const [first, second] = [await target.request(1), await target.request(2)];
    expect(second.receivedAt - first.receivedAt).toBeGreaterThanOrEqual(1_000);
  });

  it('leaves a failed delivery after the last attempt, kept with every attempt', async () => {
    const target = await receiver(500);
    const pipe = pipeline({ schedule: [0, 10, 10] });
    await pipe.webhook(target.url);
    pipe.start();
    await pipe.emit(pipe.event('p1'));
    await pipe.logged('delivery failed for good');
    expect(await pipe.deliveries()).toMatchObject([{ status: 'failed', attempts_made: 3 }]);
    expect(await pipe.attempts()).toHaveLength(3);
    await eventually(async () => expect(await pipe.lanes()).toEqual([]));
    const [{ id } = { id: '' }] = await pipe.deliveries();
    expect(pipe.announced.items).toEqual([expect.stringContaining(`${id}:delivery.failed`)]);
    expect(target.requests).toHaveLength(3);
  });

  it('that is gone is disabled, and what was still to come is cancelled', async () => {
    const target = await receiver(410);
    const pipe = pipeline({ schedule: [0, 60_000] });
    const { id } = await pipe.webhook(target.url);
    await pipe.emit(pipe.event('p1'));
    await pipe.emit(pipe.event('p1'));
    pipe.start();
    await pipe.logged('webhook disabled');
    await pipe.emit(pipe.event('p2'));
    expect((await pipe.deliveries()).map(({ status }) => status)).toEqual(['failed', 'cancelled']);
    const webhook = await pipe.inTenant((tx) => tx.selectFrom('webhooks').selectAll().where('id', '=', id).execute());
    expect(webhook).toMatchObject([
      { disabled_at: expect.any(String), disabled_reason: expect.stringContaining('410') },
    ]);
    await eventually(async () => expect(await pipe.lanes()).toEqual([]));
    expect(target.requests).toHaveLength(1);
  });

  it('that fails for long is disabled, which is announced', async () => {
    const target = await receiver(500);
    const pipe = pipeline({ schedule: [0, 50, 60_000], disableAfterMs: 40 });
    const { id } = await pipe.webhook(target.url);
    await pipe.emit(pipe.event('p1'));
    await pipe.emit(pipe.event('p1'));
    pipe.start();
    await pipe.logged('webhook disabled');
    const [failed, cancelled] = await pipe.deliveries();
    expect([failed, cancelled]).toMatchObject([{ status: 'failed', attempts_made: 2 }, { status: 'cancelled' }]);
    expect(await pipe.inTenant((tx) => findWebhook(tx, id))).toMatchObject({
      disabled: expect.any(String),
      disabledReason: expect.stringContaining('failed for'),
    });
    await pipe.announced.first((said) => said === `${id}:${failed?.id}:webhook.disabled`);
  });

  it('that works now and then is not disabled: what counts is since when nothing got through', async () => {
    const target = await receiver(500, 200, 500, 200);
    const pipe = pipeline({ schedule: [0, 30], disableAfterMs: 25 });
    await pipe.webhook(target.url);
    pipe.start();
    // The second attempt of each comes later than a target may fail, but it gets through.
    for (const process of ['p1', 'p2']) {
      await pipe.emit(pipe.event(process));
      await pipe.logged('delivered', process === 'p1' ? 1 : 2);
    }
    expect((await pipe.deliveries()).map(({ status }) => status)).toEqual(['delivered', 'delivered']);
  });

  it('is not announced to have missed the news of a failed delivery: that would be news again', async () => {
    const target = await receiver(500);
    const pipe = pipeline();
    await pipe.webhook(target.url, ['delivery.*']);
    pipe.start();
    const data = {
      delivery: 'msg_1',
      process: 'p1',
      channel: 'webhook',
      target: 'wh_1',
      reason: 'x',
      attempts: 1,
    } as const;
    const source = 'handover/notifier';
    await pipe.emit({ ...pipe.event('p1'), source, type: 'delivery.failed', data });
    await pipe.logged('delivery failed for good');
    await eventually(async () => expect(await pipe.lanes()).toEqual([]));
    expect(await pipe.deliveries()).toMatchObject([{ status: 'failed', event: 'delivery.failed', announce: null }]);
    expect(pipe.announced.items).toEqual([]);
  });

  it('at a private address is never connected to, and the attempt says why', async () => {
    const target = await receiver();
    const pipe = pipeline({ allowLoopback: false });
    await pipe.webhook(target.url);
    pipe.start();
    await pipe.emit(pipe.event('p1'));
    await pipe.logged('delivery failed for good');
    expect(await pipe.attempts()).toMatchObject([{ status: null, error: 'the host has no public address' }]);
    expect(target.requests).toEqual([]);
  });
});

describe('order', () => {
  it('holds among the deliveries of one process to one webhook: a later one waits for the earlier', async () => {
    const target = await receiver(500, 500, 200);
    const pipe = pipeline({ schedule: [0, 50, 50] });
    await pipe.webhook(target.url);
    pipe.start();
    const [first, second, third] = [pipe.event('p1'), pipe.event('p1'), pipe.event('p1')];
    for (const event of [first, second, third]) await pipe.emit(event);
    await target.request(5);
    expect(subjects(target)).toEqual([first.id, first.id, first.id, second.id, third.id]);
  });

  it('does not hold up other processes', async () => {
    const target = await receiver('hang', 200);
    const pipe = pipeline({ timeoutMs: 20_000 });
    await pipe.webhook(target.url);
    pipe.start();
    const [stuck, waiting, free] = [pipe.event('p1'), pipe.event('p1'), pipe.event('p2')];
    await pipe.emit(stuck);
    await target.request(1);
    await pipe.emit(waiting);
    await pipe.emit(free);
    await pipe.logged('delivered');
    expect(subjects(target)).toEqual([stuck.id, free.id]);
  });

  it('forgets no event that is being stored while the lane’s last delivery ends', async () => {
    const target = await receiver();
    const pipe = pipeline();
    await pipe.webhook(target.url);
    await pipe.emit(pipe.event('p1'));
    const [lane] = await claimLanes(inHand.database.db, { room: 1, each: 1, inHand: new Map(), leaseMs: 60_000 });
    if (!lane) throw new Error('there is no lane to claim');
    let ending: Promise<void> | undefined;
    await pipe.inTenant(async (tx) => {
      const { tenant, target, processId } = lane;
      const next = { tenant, target, processId, id: 'msg_next', cause: 'next', body: '{}' };
      const { sql: text, parameters } = storing(tenant, [next]);
      await tx.executeQuery(CompiledQuery.raw(text, [...parameters]));
      ending = pipe.worker()(lane, new AbortController().signal);
      await Promise.race([ending, eventually(() => someoneWaitsForALock(inHand.database))]);
    });
    await ending;
    pipe.start();
    await target.requestThat(({ headers }) => headers['webhook-id'] === 'msg_next');
  });

  it('holds over many events in a row', async () => {
    const target = await receiver();
    const pipe = pipeline();
    await pipe.webhook(target.url);
    pipe.start();
    const events = Array.from({ length: 60 }, () => pipe.event('p1'));
    for (const event of events) await pipe.emit(event);
    await target.request(60);
    expect(subjects(target)).toEqual(events.map(({ id }) => id));
  });
});

describe('a receiver that hangs', () => {
  it('takes up its own share only: others are served meanwhile', async () => {
    const [dead, healthy] = [await receiver('hang'), await receiver()];
    const pipe = pipeline({ timeoutMs: 20_000, concurrency: 3, each: 2 });
    await pipe.webhook(dead.url, ['process.started']);
    for (let n = 0; n < 20; n += 1) await pipe.emit(pipe.event(`p${n}`));
    pipe.start();
    await dead.request(2);
    await pipe.webhook(healthy.url, ['*']);
    for (let n = 0; n < 5; n += 1) await pipe.emit(pipe.event(`p${n}`));
    await pipe.logged('delivered', 5);
    expect(dead.requests).toHaveLength(2);
  });
});

describe('a crash', () => {
  it('after a claim only delays: the delivery is made when the lease ends', async () => {
    const target = await receiver();
    const pipe = pipeline();
    await pipe.webhook(target.url);
    await pipe.emit(pipe.event('p1'));
    const claim = { room: 10, each: 10, inHand: new Map<string, number>(), leaseMs: 400 };
    expect(await claimLanes(inHand.database.db, claim)).toHaveLength(1); // by a worker that dies now
    const claimedAt = Date.now();
    expect(await claimLanes(inHand.database.db, claim)).toEqual([]);
    pipe.start();
    const { receivedAt } = await target.request(1);
    expect(receivedAt - claimedAt).toBeGreaterThanOrEqual(350);
    await pipe.logged('delivered');
    expect(await pipe.deliveries()).toMatchObject([{ status: 'delivered', attempts_made: 1 }]);
  });

  it('that was none, only a long pause, changes nothing: the result of a lost claim is dropped', async () => {
    const target = await receiver();
    const pipe = pipeline();
    await pipe.webhook(target.url);
    await pipe.emit(pipe.event('p1'));
    const claim = { room: 1, each: 1, inHand: new Map<string, number>() };
    const [lost] = await claimLanes(inHand.database.db, { ...claim, leaseMs: 0 });
    const [held] = await claimLanes(inHand.database.db, { ...claim, leaseMs: 60_000 });
    expect(lost && held && lost.claim !== held.claim).toBe(true);
    const work = pipe.worker();
    if (lost) await work(lost, new AbortController().signal);
    expect(await pipe.deliveries()).toMatchObject([{ status: 'pending', attempts_made: 0 }]);
    if (held) await work(held, new AbortController().signal);
    expect(await pipe.deliveries()).toMatchObject([{ status: 'delivered', attempts_made: 1 }]);
    expect(target.requests).toHaveLength(2);
  });
});

describe('two replicas', () => {
  it('share the work and send nothing twice', async () => {
    const target = await receiver();
    const pipe = pipeline({ concurrency: 5 });
    await pipe.webhook(target.url);
    pipe.start();
    pipe.start();
    const events = Array.from({ length: 100 }, (_, n) => pipe.event(`p${n % 25}`));
    await Promise.all(events.map((event) => pipe.emit(event)));
    await pipe.logged('delivered', 100);
    expect(subjects(target).sort()).toEqual(events.map(({ id }) => id).sort());
  });
});

describe('a deleted webhook', () => {
  const remove = (pipe: Pipeline, id: string, then: typeof cancelDeliveries): Promise<void> =>
    pipe.inTenant(async (tx) => {
      await markDeleted(tx, id);
      await then(tx, id);
    });

  it('gets nothing more: what is pending is cancelled, the result of an attempt in hand is dropped', async () => {
    const target = await receiver('hang');
    const pipe = pipeline({ timeoutMs: 1_000, schedule: [0, 10] });
    const { id } = await pipe.webhook(target.url);
    pipe.start();
    await pipe.emit(pipe.event('p1'));
    await pipe.emit(pipe.event('p1'));
    await target.request(1);
    await remove(pipe, id, cancelDeliveries);
    await pipe.logged('the lane was taken over or closed, the result is dropped');
    await pipe.emit(pipe.event('p1'));
    expect(await pipe.deliveries()).toMatchObject([{ status: 'cancelled', attempts_made: 0 }, { status: 'cancelled' }]);
    expect(await pipe.lanes()).toEqual([]);
    expect(target.requests).toHaveLength(1);
  });

  it('gets nothing of an event that was being stored meanwhile either', async () => {
    const target = await receiver();
    const pipe = pipeline();
    const { id } = await pipe.webhook(target.url);
    await pipe.emit(pipe.event('p1'));
    await remove(pipe, id, async () => undefined);
    pipe.start();
    await eventually(async () => expect(await pipe.lanes()).toEqual([]));
    expect(await pipe.deliveries()).toMatchObject([{ status: 'cancelled', settled_at: expect.any(String) }]);
    expect(target.requests).toEqual([]);
  });
});

describe('a stop', () => {
  it('lets the attempt in hand finish', async () => {
    const target = await receiver(200);
    const pipe = pipeline();
    await pipe.webhook(target.url);
    const dispatcher = pipe.start();
    await pipe.emit(pipe.event('p1'));
    await target.request(1);
    await dispatcher.stop(5_000);
    expect(await pipe.deliveries()).toMatchObject([{ status: 'delivered' }]);
  });

  it('cuts off one that takes too long and leaves it to the lease', async () => {
    const target = await receiver('hang');
    const pipe = pipeline({ timeoutMs: 60_000 });
    await pipe.webhook(target.url);
    const dispatcher = pipe.start();
    await pipe.emit(pipe.event('p1'));
    await target.request(1);
    await dispatcher.stop(50);
    expect(await pipe.deliveries()).toMatchObject([{ status: 'pending', attempts_made: 0 }]);
    expect(await pipe.lanes()).toHaveLength(1);
  });

  it('may come right after the start, and more than once', async () => {
    const pipe = pipeline();
    const dispatcher = pipe.start();
    await Promise.all([dispatcher.stop(1_000), dispatcher.stop(1_000)]);
    await dispatcher.stop(1_000);
  });
});
