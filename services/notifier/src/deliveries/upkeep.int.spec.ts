import { eventually } from '@handover/testkit';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { notifierInHand } from '../test/in-hand.js';
import { markDisabled } from '../webhooks/webhook.repository.js';
import { closeCircuit, countFailure, findCircuits } from './circuit.repository.js';
import { findFirstOpen } from './delivery.repository.js';
import { claimLanes, untilNextDue } from './lane.repository.js';
import { retryMatching } from './log.repository.js';
import { forgetDeliveries } from './retention.js';
import { settleTogether } from './settle-together.js';

const inHand = notifierInHand();
const { receiver, pipeline } = inHand;

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1_000);

describe('a retry by hand', () => {
  it('is a new attempt at the same message: same webhook-id and body, fresh timestamp', async () => {
    const target = await receiver(500, 200);
    const pipe = pipeline();
    await pipe.webhook(target.url);
    const dispatcher = pipe.start();
    await pipe.emit(pipe.event('p1'));
    await pipe.logged('delivery failed for good');
    const first = await target.request(1);
    await eventually(() => expect(seconds(Date.now())).toBeGreaterThan(seconds(first.receivedAt)));

    const retried = await pipe.inTenant((tx) => retryMatching(tx, pipe.tenant, { status: 'failed' }));
    dispatcher.wake();

    expect(retried).toEqual({ taken: 1, skipped: [], more: false });
    const second = await target.request(2);
    expect([second.headers['webhook-id'], second.body]).toEqual([first.headers['webhook-id'], first.body]);
    expect(Number(second.headers['webhook-timestamp'])).toBeGreaterThan(Number(first.headers['webhook-timestamp']));
    await pipe.logged('delivered');
    expect(await pipe.attempts()).toMatchObject([
      { number: 1, status: 500 },
      { number: 2, status: 200 },
    ]);
  });

  it('of many says exactly how many it took, and why not the others', async () => {
    const [ill, gone, slow] = [await receiver(500), await receiver(500), await receiver(500)];
    const pipe = pipeline();
    for (const { url } of [ill, gone]) await pipe.webhook(url);
    pipe.start();
    for (const process of ['p1', 'p2', 'p3']) await pipe.emit(pipe.event(process));
    await pipe.logged('delivery failed for good', 6);
    await Promise.all(pipe.dispatchers.map((dispatcher) => dispatcher.stop(1_000)));
    const { id: pending } = await pipe.webhook(slow.url);
    await pipe.emit(pipe.event('p4')); // for all three, and nobody sends it
    const [second] = (await pipe.deliveries()).filter(({ target }) => target !== pending).map(({ target }) => target);
    await pipe.inTenant((tx) => markDisabled(tx, second ?? '', 'for the test'));

    const retried = await pipe.inTenant((tx) => retryMatching(tx, pipe.tenant, {}));

    expect(retried.taken).toBe(3);
    expect(retried.more).toBe(false);
    expect([...retried.skipped].sort((one, other) => one.reason.localeCompare(other.reason))).toEqual([
      { reason: 'is still pending', count: 3 },
      { reason: 'its webhook is disabled or deleted', count: 3 },
    ]);
  });
});

describe('a circuit', () => {
  const claim = () => claimLanes(inHand.database.db, { room: 100, each: 8, inHand: new Map(), leaseMs: 60_000 });

  it('opens after ten failures in a row: the target is left alone, then tried by one, then served again', async () => {
    const pipe = pipeline();
    const { id } = await pipe.webhook('https://example.com/');
    for (const process of ['p1', 'p2', 'p3']) await pipe.emit(pipe.event(process));
    const fail = () => pipe.inTenant((tx) => countFailure(tx, id));
    for (let failure = 1; failure < 10; failure += 1) await fail();
    expect((await findCircuits(inHand.database.db, [id])).get(id)).toEqual({ failures: 9, open_until: null });

    await fail();
    expect((await findCircuits(inHand.database.db, [id])).get(id)).toEqual({
      failures: 10,
      open_until: expect.any(String),
    });
    expect(await claim()).toEqual([]);

    await sql`update circuits set open_until = now() where target = ${id}`.execute(inHand.database.db);
    expect(await claim()).toMatchObject([{ target: id, failures: 10 }]);

    await pipe.inTenant((tx) => closeCircuit(tx, id));
    expect(await claim()).toHaveLength(2);
  });
});

describe('attempts at several lanes, settled together', () => {
  it('count the failures of each target, and open its circuit when they are ten', async () => {
    const pipe = pipeline();
    const [ill, well] = [await pipe.webhook('https://ill.example/'), await pipe.webhook('https://well.example/')];
    const processes = Array.from({ length: 10 }, (_, n) => `p${n}`);
    for (const process of processes) await pipe.emit(pipe.event(process));
    const lanes = await claimLanes(inHand.database.db, { room: 100, each: 10, inHand: new Map(), leaseMs: 60_000 });
    const made = await Promise.all(
      lanes.map(async (lane) => {
        const [first] = await findFirstOpen(inHand.database.transact, pipe.tenant, [lane]);
        const fails = lane.target === ill.id;
        const result = { startedAt: new Date(), durationMs: 5, status: fails ? 500 : 200, answer: '' };
        const error = fails ? 'answered 500' : null;
        const verdict = fails ? ({ kind: 'retry', delayMs: 60_000 } as const) : ({ kind: 'delivered' } as const);
        return { lane, id: first?.id ?? '', number: 1, result: { ...result, error }, verdict };
      }),
    );

    const settled = await settleTogether(inHand.database.transact, pipe.tenant, made, 0);

    expect(settled).toEqual(made.map(() => true));
    const circuits = await findCircuits(inHand.database.db, [ill.id, well.id]);
    expect([...circuits]).toEqual([[ill.id, { failures: 10, open_until: expect.any(String) }]]);
    const states = (await pipe.deliveries()).map(
      ({ target, status }) => (target === ill.id ? 'ill ' : 'well ') + status,
    );
    expect(new Set(states)).toEqual(new Set(['ill pending', 'well delivered']));
    expect((await pipe.attempts()).filter(({ error }) => error !== null)).toHaveLength(10);
    expect(await settleTogether(inHand.database.transact, pipe.tenant, made, 0)).toEqual(made.map(() => false));
  });

  it('close the circuit of a target that works again, and leave it open when the claim was lost', async () => {
    const pipe = pipeline();
    const { id } = await pipe.webhook('https://example.com/');
    await pipe.inTenant((tx) => countFailure(tx, id));
    await pipe.emit(pipe.event('p1'));
    const [lane] = await claimLanes(inHand.database.db, { room: 1, each: 1, inHand: new Map(), leaseMs: 60_000 });
    if (!lane) throw new Error('nothing is due');
    const [first] = await findFirstOpen(inHand.database.transact, pipe.tenant, [lane]);
    const result = { startedAt: new Date(), durationMs: 5, status: 200, error: null, answer: '' };
    const made = { lane, id: first?.id ?? '', number: 1, result, verdict: { kind: 'delivered' } as const };
    const lost = { ...made, lane: { ...lane, claim: randomUUID() } };

    expect(await settleTogether(inHand.database.transact, pipe.tenant, [lost], 0)).toEqual([false]);
    expect((await findCircuits(inHand.database.db, [id])).get(id)?.failures).toBe(1);
    expect(lane).toMatchObject({ failures: 1, failingForMs: expect.any(Number) });

    expect(await settleTogether(inHand.database.transact, pipe.tenant, [made], 0)).toEqual([true]);
    expect(await findCircuits(inHand.database.db, [id])).toEqual(new Map());
  });
});

describe('what is due next', () => {
  it('is looked for among targets that are not full, and those left alone are due when that is over', async () => {
    const { db } = inHand.database;
    await sql`delete from circuits`.execute(db);
    const pipe = pipeline();
    const [one, other] = [await pipe.webhook('https://one.example/'), await pipe.webhook('https://other.example/')];
    await pipe.emit(pipe.event('p1'));
    expect(await untilNextDue(db, [])).toBe(0);
    expect(await untilNextDue(db, [one.id, other.id])).toBeUndefined();

    await sql`update delivery_lanes set due_at = now() + interval '1 minute' where target = ${one.id}`.execute(db);
    const wait = (await untilNextDue(db, [other.id])) ?? 0;
    expect(wait).toBeGreaterThan(30_000);
    expect(wait).toBeLessThanOrEqual(60_000);
    expect(await untilNextDue(db, [])).toBe(0);

    for (let failure = 0; failure < 10; failure++) await pipe.inTenant((tx) => countFailure(tx, other.id));
    const pause = (await untilNextDue(db, [])) ?? 0;
    expect(pause).toBeGreaterThan(0);
    expect(pause).toBeLessThanOrEqual(10_000);
  });
});

describe('the log', () => {
  it('keeps deliveries for as long as it should, and what is not settled for ever', async () => {
    const target = await receiver();
    const pipe = pipeline();
    await pipe.webhook(target.url);
    const dispatcher = pipe.start();
    for (const process of ['old', 'young']) await pipe.emit(pipe.event(process));
    await pipe.logged('delivered', 2);
    await dispatcher.stop(1_000);
    await pipe.emit(pipe.event('pending'));
    await pipe.inTenant((tx) =>
      sql`update deliveries set created_at = now() - interval '40 days',
            settled_at = settled_at - case process_id when 'old' then interval '31 days' else interval '29 days' end`.execute(
        tx,
      ),
    );

    expect(await forgetDeliveries(inHand.database.db, 30)).toBe(1);
    expect((await pipe.deliveries()).map(({ process_id }) => process_id)).toEqual(['young', 'pending']);
    expect(await pipe.attempts()).toHaveLength(1);
  });
});
