import { withTenant } from '@handover/database';
import { eventually } from '@handover/testkit';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { findFirstOpen, storeReply } from '../deliveries/delivery.repository.js';
import { claimLanes } from '../deliveries/lane.repository.js';
import { settle } from '../deliveries/settle.js';
import { storeDeliveries } from '../deliveries/store.js';
import { serviceTarget } from '../targets/target.js';
import { notifierInHand } from '../test/in-hand.js';

const inHand = notifierInHand();

it('a reply that comes while its attempt is recorded waits for it, and both are kept', async () => {
  const { db, transact } = inHand.database;
  const pipe = inHand.pipeline();
  const { tenant } = pipe;
  const [id, target] = [`ntf_${randomUUID()}`, serviceTarget(tenant, 'worker')];
  await storeDeliveries(transact, tenant, [{ tenant, target, id, cause: id, processId: randomUUID(), body: '{}' }]);
  const [lane] = await claimLanes(db, { room: 1, each: 1, inHand: new Map(), leaseMs: 60_000 });
  if (!lane) throw new Error('nothing was claimed');
  const [delivery] = await findFirstOpen(transact, tenant, [lane]);
  if (!delivery) throw new Error('nothing is open');
  const waiting = async (): Promise<number> => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from pg_locks where not granted and pid in
        (select pid from pg_stat_activity where datname = current_database())`.execute(db);
    return rows[0]?.count ?? 0;
  };

  const [, replying] = await withTenant(db, tenant, async (tx) => {
    await sql`select from delivery_lanes where target = ${target} for update`.execute(tx);
    const reply = withTenant(db, tenant, (other) => storeReply(other, { tenant, target, id, value: { value: 'yes' } }));
    await eventually(async () => expect(await waiting()).toBe(1));
    const result = {
      startedAt: new Date(),
      durationMs: 1,
      status: null,
      error: null,
      answer: null,
      replyWithinMs: 60_000,
    };
    return [
      await settle(tx, lane, { delivery, number: 1, result, verdict: { kind: 'delivered' } }, 0),
      [reply],
    ] as const;
  });
  await Promise.all(replying);

  expect(await pipe.deliveries()).toMatchObject([
    { attempts_made: 1, status: 'replied', reply_status: 'received', reply: { value: 'yes' } },
  ]);
  expect(await pipe.lanes()).toMatchObject([{ claim: null }]);
});
