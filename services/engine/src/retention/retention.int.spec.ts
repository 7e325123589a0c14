import { withTenant } from '@handover/database';
import { createLogger } from '@handover/runtime';
import { eventually } from '@handover/testkit';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ann, startOf } from '../../test/ann.js';
import { engineInHand, user, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { readEvents, readVerification } from '../processes/read-history.js';
import { read } from '../processes/read-process.js';
import type { Rounds } from '../rounds.js';
import { periodSchema } from './duration.js';
import { startRetention } from './retention.js';

const SCENARIO = `
actors: { actor: ~ }
vars: { note: string }
actions: { note: { update: vars.note } }
states:
  initial:
    transitions:
      - { on: note, goto: ~ }
      - { on: finish, goto: (done) }
      - { after: 1 hour, goto: (expired) }
`;

const log = createLogger('test', 'silent');
const background: Rounds[] = [];
let engine: EngineInHand;
let replica: Replica;
let scenario: string;

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
  scenario = await engine.store('acme', SCENARIO);
});
afterEach(() => Promise.all(background.splice(0).map((rounds) => rounds.stop())));
afterAll(() => engine.close());

const retain = (archiveAfter: number | undefined, deleteAfter?: number, of: Replica = replica): void => {
  background.push(startRetention({ ...of, log, archiveAfter, deleteAfter, pollMs: 50 }));
};
const count = (table: 'processes' | 'events' | 'archived_processes' | 'endings', id: string): Promise<number> =>
  withTenant(replica.db, 'acme', async (tx) => {
    const column = table === 'events' || table === 'endings' ? sql`process` : sql`id`;
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from ${sql.table(table)} where ${column} = ${id}
    `.execute(tx);
    return rows[0]?.n ?? 0;
  });
const anHourAgo = (id: string) =>
  withTenant(replica.db, 'acme', (tx) =>
    sql`update endings set ended_at = ended_at - interval '1 hour' where process = ${id}`.execute(tx),
  );

describe('the archive', () => {
  it('takes processes that ended long enough ago, and answers for them as before', async () => {
    const ended = await startOf(replica, scenario, ['note', 'ok'], ['finish']);
    const recent = await startOf(replica, scenario, ['finish']);
    const running = await startOf(replica, scenario, ['note', 'ok']);
    await anHourAgo(ended);
    const all = () =>
      Promise.all([
        read(replica, { id: ended }, ann),
        read(replica, { id: ended, fields: ['title', 'result'] }, ann),
        readEvents(replica, { process: ended, from: 1, limit: 1 }, ann),
        readVerification(replica, { process: ended }, ann),
      ]);
    const before = await all();

    retain(3_000);
    await eventually(async () => expect(await count('archived_processes', ended)).toBe(1));

    expect(await count('processes', ended)).toBe(0);
    expect(await count('events', ended)).toBe(0);
    expect(await all()).toEqual(before);
    expect(before[3]).toMatchObject({ valid: true, events: 3 });
    expect(await count('processes', recent)).toBe(1);
    expect(await count('processes', running)).toBe(1);
  });

  it('shows nobody what they could not see before', async () => {
    const ended = await startOf(replica, scenario, ['finish']);
    retain(0);
    await eventually(async () => expect(await count('archived_processes', ended)).toBe(1));
    const stranger = user('eve', { privileges: ['process:step'] });
    await expect(read(replica, { id: ended }, stranger)).rejects.toMatchObject({ code: 'forbidden' });
    const rival = user('ann', { tenant: 'rival', privileges: ['*'] });
    await expect(read(replica, { id: ended }, rival)).rejects.toMatchObject({ code: 'process_not_found' });
    const forgetful = await withTenant(replica.db, 'rival', (tx) =>
      tx.selectFrom('archived_processes').select('id').execute(),
    );
    expect(forgetful).toEqual([]);
  });

  it('is filled once by two replicas, while people act', async () => {
    const ids = await Promise.all(Array.from({ length: 120 }, () => startOf(replica, scenario, ['finish'])));
    retain(0);
    retain(0, undefined, engine.replica());
    const running = await Promise.all(Array.from({ length: 20 }, () => startOf(replica, scenario, ['note', 'ok'])));
    for (const id of ids) await eventually(async () => expect(await count('archived_processes', id)).toBe(1));
    for (const id of running) expect(await count('events', id)).toBe(2);
  });

  it('gives disk back', async () => {
    const text = 'nobody reads this again '.repeat(100);
    const ids: string[] = [];
    for (let n = 0; n < 60; n++)
      ids.push(await startOf(replica, scenario, ['note', text], ['note', text], ['note', text], ['finish']));
    const before = await engine.diskOf(['processes', 'events', 'archived_processes']);
    retain(0);
    for (const id of ids) await eventually(async () => expect(await count('archived_processes', id)).toBe(1));
    await Promise.all(background.splice(0).map((rounds) => rounds.stop()));
    const after = await engine.diskOf(['processes', 'events', 'archived_processes']);
    expect(after).toBeLessThan(before * 0.7);
  });
});

describe('deletion', () => {
  it('takes what is archived and what is not, and leaves nothing', async () => {
    const archived = await startOf(replica, scenario, ['finish']);
    retain(0);
    await eventually(async () => expect(await count('archived_processes', archived)).toBe(1));
    await Promise.all(background.splice(0).map((rounds) => rounds.stop()));
    const plain = await startOf(replica, scenario, ['finish']);
    const running = await startOf(replica, scenario);

    retain(undefined, 0);
    for (const id of [archived, plain]) {
      await eventually(async () => expect(await count('endings', id)).toBe(0));
      for (const table of ['processes', 'events', 'archived_processes'] as const) {
        expect(await count(table, id)).toBe(0);
      }
      await expect(read(replica, { id }, ann)).rejects.toMatchObject({ code: 'process_not_found' });
    }
    expect(await count('processes', running)).toBe(1);
  });
});

describe('a period', () => {
  it.each([
    ['90', 90 * 86_400],
    ['P90D', 90 * 86_400],
    ['P1Y2M', 425 * 86_400],
    ['P1WT1H30M5S', 7 * 86_400 + 5_405],
    ['0', 0],
  ])('%s is so many seconds', (text, seconds) => {
    expect(periodSchema.parse(text)).toBe(seconds);
  });

  it.each(['', 'P', 'PT', '-1', '1.5', 'a while', 'P1H', 'P9999Y'])('%j is none', (text) => {
    expect(periodSchema.safeParse(text).success).toBe(false);
  });
});
