import { describe, expect, it } from 'vitest';
import { notifierInHand } from '../test/in-hand.js';
import type { Pipeline } from '../test/pipeline.js';

const { receiver, pipeline } = notifierInHand();

/** What a crash of the database takes back of a delivery that was made at once. */
async function loseRecord(pipe: Pipeline): Promise<void> {
  await pipe.inTenant(async (tx) => {
    await tx.deleteFrom('attempts').execute();
    await tx.deleteFrom('deliveries').execute();
  });
}

describe('an event that is delivered while the bus holds it', () => {
  it('is recorded with its attempt when the bus lets go of it, and never had a lane', async () => {
    const target = await receiver();
    const pipe = pipeline();
    await pipe.webhook(target.url);
    pipe.start();
    await pipe.emit(pipe.event('p1'));
    expect(target.requests).toHaveLength(1);
    expect(await pipe.deliveries()).toMatchObject([{ status: 'delivered', attempts_made: 1 }]);
    expect(await pipe.attempts()).toMatchObject([{ number: 1, status: 200, error: null }]);
    expect(await pipe.lanes()).toEqual([]);
  });

  it('given again because its record was lost, goes out under the same id', async () => {
    const target = await receiver();
    const pipe = pipeline();
    await pipe.webhook(target.url);
    pipe.start();
    const event = pipe.event('p1');
    await pipe.emit(event);
    await loseRecord(pipe);
    await pipe.emit(event);
    const ids = target.requests.map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(await pipe.deliveries()).toHaveLength(1);
  });

  it('and not answered soon is stored, claimed for the attempt under way, and tried again by the schedule', async () => {
    const target = await receiver('hang', 200);
    const pipe = pipeline({ schedule: [0, 10], timeoutMs: 600 });
    await pipe.webhook(target.url);
    pipe.start();
    await pipe.emit(pipe.event('p1'));
    expect(await pipe.deliveries()).toMatchObject([{ status: 'pending', attempts_made: 0 }]);
    expect(await pipe.lanes()).toMatchObject([{ claim: expect.any(String) }]);
    expect(target.requests).toHaveLength(1);
    await target.request(2);
    await pipe.logged('delivered');
    expect(await pipe.deliveries()).toMatchObject([{ status: 'delivered', attempts_made: 2 }]);
    expect(await pipe.lanes()).toEqual([]);
  });

  it('waits for the one before it about the same process, even when that hangs', async () => {
    const target = await receiver('hang', 200);
    const pipe = pipeline({ schedule: [0, 10], timeoutMs: 400 });
    await pipe.webhook(target.url);
    pipe.start();
    const [first, second] = [pipe.event('p1'), pipe.event('p1')];
    await Promise.all([pipe.emit(first), pipe.emit(second)]);
    await pipe.logged('delivered', 2);
    const told = target.requests.map(({ body }) => (JSON.parse(body) as { data: { event: string } }).data.event);
    expect(told).toEqual([first.id, first.id, second.id]);
  });

  it('is left to others when its replica stops while nobody answers', async () => {
    const target = await receiver('hang', 200);
    const pipe = pipeline({ timeoutMs: 10_000, leaseMs: 300 });
    await pipe.webhook(target.url);
    const stopping = pipe.start();
    await pipe.emit(pipe.event('p1'));
    await stopping.stop(0);
    pipe.start();
    await target.request(2);
    await pipe.logged('delivered');
    expect(await pipe.deliveries()).toMatchObject([{ status: 'delivered' }]);
  });
});
