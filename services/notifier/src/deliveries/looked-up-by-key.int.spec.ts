import { withTenant, type Scope, type Statement } from '@handover/database';
import { randomUUID } from 'node:crypto';
import { CompiledQuery, sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../id.js';
import { notifierInHand } from '../test/in-hand.js';
import { findFree } from './at-once.repository.js';
import { findFirstOpen } from './delivery.repository.js';
import type { ClaimedLane } from './lane.repository.js';
import { settleTogether } from './settle-together.js';
import { storeDeliveries } from './store.js';

const inHand = notifierInHand();

/** Lanes and deliveries of one target; nobody told the planner how many. */
const MANY = 3_000;
/** Blocks that looking up one of each by key may touch, some levels of some indexes; all of them would be a block or more each. */
const FEW_BLOCKS = 100;

const tenant = 'acme';
const target = newId('wh');
const lane: ClaimedLane = {
  tenant,
  target,
  processId: randomUUID(),
  claim: randomUUID(),
  failures: 0,
  failingForMs: 0,
};

beforeAll(async () => {
  const { transact } = inHand.database;
  const about = { tenant, target, body: '{}', event: 'process.completed' };
  const deliveries = Array.from({ length: MANY }, () => {
    const id = newId('msg');
    return { ...about, id, cause: id, processId: randomUUID(), claim: randomUUID() };
  });
  await storeDeliveries(transact, tenant, [{ ...about, ...lane, id: newId('msg'), cause: 'the one' }, ...deliveries]);
});

/** What work would say to the database. */
async function saidBy(work: (transact: (scope: Scope, said: readonly Statement[]) => Promise<[]>) => Promise<unknown>) {
  const statements: Statement[] = [];
  let settings: Scope = {};
  await work(async (scope, said) => {
    settings = scope;
    statements.push(...said);
    return [];
  });
  return { settings, statements };
}

/** Blocks each statement touches, whether they are in memory or not. */
function blocksOf({ settings, statements }: Awaited<ReturnType<typeof saidBy>>): Promise<[string, number][]> {
  return withTenant(inHand.database.db, tenant, async (tx) => {
    for (const [name, value] of Object.entries(settings)) {
      await sql`select set_config(${name}, ${value}, true)`.execute(tx);
    }
    const blocks: [string, number][] = [];
    for (const { name = '', sql: text, parameters } of statements) {
      const explain = CompiledQuery.raw(`explain (analyze, buffers, format json) ${text}`, [...parameters]);
      const { rows } = await tx.executeQuery<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(explain);
      const plan = rows[0]?.['QUERY PLAN'][0].Plan ?? {};
      blocks.push([name, (plan['Shared Hit Blocks'] ?? NaN) + (plan['Shared Read Blocks'] ?? NaN)]);
    }
    return blocks;
  });
}

describe('a target with many lanes and deliveries, of which there are no statistics', () => {
  const result = { startedAt: new Date(), durationMs: 1, status: 204, error: null, answer: '' };
  const first = { lane, id: newId('msg'), number: 1, result };
  const isNew = { tenant, target, processId: randomUUID(), id: newId('msg'), cause: 'new', body: '{}' };

  it.each([
    ['what is new', (transact) => findFree(transact, tenant, [isNew])],
    ['the first of a lane', (transact) => findFirstOpen(transact, tenant, [lane])],
    [
      'what is tried again',
      (transact) => settleTogether(transact, tenant, [{ ...first, verdict: { kind: 'retry', delayMs: 5_000 } }], 0),
    ],
    [
      'what is settled',
      (transact) => settleTogether(transact, tenant, [{ ...first, verdict: { kind: 'delivered' } }], 0),
    ],
  ] satisfies [string, Parameters<typeof saidBy>[0]][])('is not read for the sake of one: %s', async (_, work) => {
    const blocks = await blocksOf(await saidBy(work));
    expect(blocks.length).toBeGreaterThan(0);
    for (const [name, count] of blocks) expect(`${name} ${count < FEW_BLOCKS ? 'few' : count}`).toBe(`${name} few`);
  });
});
