import { openDatabase, withTenant } from '@handover/database';
import type { ProcessDocument } from '@handover/process';
import { sql } from 'kysely';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COUNTER, startOf, stepOf, wholeOf } from '../../test/ann.js';
import { engineInHand, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';

const SCRIPT = resolve(import.meta.dirname, '../../../../deploy/postgres/partition-events.sql');
const PROCESSES = 200;
const PARTS = 16;

let engine: EngineInHand;
let replica: Replica;
let before: ProcessDocument[];

const add = (process: string) => stepOf(replica, process, 'add', 1);
const whole = (id: string) => wholeOf(replica, id);

/** Processes with a past, and then the script an operator runs. */
beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
  const scenario = await engine.store('acme', COUNTER);
  const ids = await Promise.all(Array.from({ length: PROCESSES }, () => startOf(replica, scenario)));
  await Promise.all(ids.map(add));
  before = await Promise.all(ids.map(whole));
  const owner = openDatabase({ url: engine.ownerUrl, applicationName: 'operator', poolSize: 1 });
  const script = await readFile(SCRIPT, 'utf8');
  await owner.db.transaction().execute((tx) => sql.raw(script).execute(tx));
  await owner.close();
});
afterAll(() => engine.close());

describe('a table of events in parts', () => {
  it('keeps every event, and processes go on', async () => {
    for (const process of before) expect(await whole(process.id)).toEqual(process);
    await Promise.all(before.map(({ id }) => add(id)));
    const after = await Promise.all(before.map(({ id }) => whole(id)));
    expect(after.map(({ vars, events }) => [vars.sum, events.length])).toEqual(before.map(() => [2, 3]));
  });

  it('spreads the processes over all parts', async () => {
    const { rows } = await withTenant(replica.db, 'acme', (tx) =>
      sql<{ part: string }>`select distinct tableoid::regclass::text as part from events`.execute(tx),
    );
    expect(rows).toHaveLength(PARTS);
  });

  it('is asked for a process in one part only, by its index', async () => {
    const id = before[0]?.id ?? '';
    const { rows } = await withTenant(replica.db, 'acme', async (tx) => {
      await sql`set local enable_seqscan = off`.execute(tx);
      return sql<{
        'QUERY PLAN': string;
      }>`explain select event from events where process = ${id}::uuid order by index`.execute(tx);
    });
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan.match(/ on events_\d+/g)).toHaveLength(1);
    expect(plan).toMatch(/using events_\d+_pkey/);
  });

  it('shows another tenant nothing, neither as a whole nor in part', async () => {
    const seen = await withTenant(replica.db, 'rival', (tx) => sql`select from events`.execute(tx));
    expect(seen.rows).toEqual([]);
    const part = await withTenant(replica.db, 'acme', (tx) => sql`select from events_0`.execute(tx));
    expect(part.rows).toEqual([]);
  });
});
