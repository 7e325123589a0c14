import { withTenant } from '@handover/database';
import type { ProcessDocument } from '@handover/process';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COUNTER, ann, startOf, stepOf, wholeOf } from '../../test/ann.js';
import { engineInHand, user, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { read } from './read-process.js';
import { rebuild } from './rebuild-process.js';
import { performStep } from './step-process.js';

let engine: EngineInHand;
let replica: Replica;
let id: string;
/** The process after each of its events. */
const moments: ProcessDocument[] = [];

const whole = (at?: string): Promise<ProcessDocument> => wholeOf(replica, id, at);

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
  const scenario = await engine.store('acme', COUNTER);
  id = await startOf(replica, scenario);
  moments.push(await whole());
  for (const response of [3, 'not a number', 4]) {
    await stepOf(replica, id, 'add', response).catch(() => undefined);
    moments.push(await whole());
  }
});
afterAll(() => engine.close());

describe('a process as it was', () => {
  it('after any of its events is what it was then, its version with it', async () => {
    for (const moment of moments) {
      const hash = moment.events.at(-1)?.hash ?? '';
      const answer = await read(replica, { id, at: hash }, ann);
      expect(answer.process).toEqual(moment);
      expect(answer).toMatchObject({ etag: hash, lastModified: moment.events.at(-1)?.timestamp });
    }
  });

  it('at a time is what the events up to then made of it', async () => {
    const [first] = moments;
    const last = moments.at(-1);
    const startedAt = first?.events[0]?.timestamp ?? '';
    expect((await whole('2999-01-01T00:00:00Z')).vars).toEqual(last?.vars);
    const at = await whole(new Date(Date.parse(startedAt)).toISOString());
    expect(at.events.every(({ timestamp }) => timestamp === startedAt)).toBe(true);
  });

  it('before it was, at a moment that is none, or after an event of another, is refused', async () => {
    await expect(whole('2000-01-01T00:00:00Z')).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '/at', detail: 'is before the process was started' }],
    });
    await expect(whole('yesterday')).rejects.toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/at' }] });
    await expect(whole('ab'.repeat(32))).rejects.toMatchObject({ code: 'event_not_found' });
  });

  it('is for those who may see it now', async () => {
    const at = moments[0]?.events[0]?.hash ?? '';
    await expect(read(replica, { id, at }, user('eve'))).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a rebuild', () => {
  const change = (assignment: string) =>
    withTenant(replica.db, 'acme', (tx) =>
      sql`update processes set ${sql.raw(assignment)} where id = ${id}`.execute(tx),
    );
  const terms = () =>
    withTenant(replica.db, 'acme', (tx) =>
      tx.selectFrom('process_terms').select('term').where('process', '=', id).orderBy('term').execute(),
    );

  it('of what is right changes nothing', async () => {
    const before = await terms();
    expect(await rebuild(replica, 'acme', id)).toEqual({ repaired: false, differences: [] });
    expect(await terms()).toEqual(before);
  });

  it('puts right what is wrong, and says what it was', async () => {
    const before = [await whole(), await terms()];
    await change(`state = 'elsewhere', snapshot = (snapshot::jsonb || '{"vars": {"sum": 99}}')::json`);
    await withTenant(replica.db, 'acme', (tx) => tx.deleteFrom('process_terms').where('process', '=', id).execute());
    expect(await rebuild(replica, 'acme', id)).toMatchObject({
      repaired: true,
      differences: expect.arrayContaining(['state', 'vars']),
    });
    expect([await whole(), await terms()]).toEqual(before);
    expect(await rebuild(replica, 'acme', id)).toEqual({ repaired: false, differences: [] });
  });

  it('is seen by every replica, whatever it remembers of the process', async () => {
    const other = engine.replica();
    const step = (of: Replica, response: number) =>
      performStep(of.writes, { process: id, action: 'add', response, representation: false }, ann);
    await change(`snapshot = (snapshot::jsonb || '{"vars": {"sum": 99}}')::json`);
    // The other replica decides on what is wrong, and remembers it.
    await step(other, 1);
    expect((await whole()).vars).toEqual({ sum: 100 });
    expect(await rebuild(replica, 'acme', id)).toMatchObject({
      repaired: true,
      differences: expect.arrayContaining(['vars']),
    });
    await step(other, 1);
    await step(replica, 1);
    expect((await whole()).vars).toEqual({ sum: 10 });
  });

  it('touches nothing where the events do not hold, and is of no process of another tenant', async () => {
    await expect(rebuild(replica, 'rival', id)).rejects.toMatchObject({ code: 'process_not_found' });
    await withTenant(replica.db, 'acme', (tx) =>
      sql`update events set event = (event::jsonb || '{"response": 5}')::json where process = ${id} and index = 1`.execute(
        tx,
      ),
    );
    expect(await rebuild(replica, 'acme', id)).toEqual({
      repaired: false,
      differences: [],
      failure: 'Event 1: The content does not match the hash',
    });
  });
});
