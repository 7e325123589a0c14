import { HandoverError } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { verify, type ProcessDocument } from '@handover/process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineInHand, user, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { readEvents, readVerification } from './read-history.js';
import { read } from './read-process.js';
import { start } from './start-process.js';
import { performStep } from './step-process.js';

const COUNTER = `
name: counter
version: '1'
actors: { player: ~ }
actions:
  add:
    actor: player
    response: { type: integer, minimum: 0 }
    update: { set: vars.sum, value: !ref 'vars.sum + current.response' }
  finish: { actor: player, update: { set: result, value: !ref vars.sum } }
states:
  initial:
    transitions:
      - { on: add, goto: ~ }
      - { on: finish, goto: (finished) }
vars: { sum: !default 0 }
result: integer
`;

const HISTORIAN = `
actors: { player: ~ }
actions:
  look: { actor: player, update: { set: vars.seen, value: !ref 'length(events)' } }
states:
  initial: { on: look, goto: initial }
vars: { seen: integer }
`;

const player = user('ann');
let engine: EngineInHand;
let replica: Replica;
let counter: string;

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
  counter = await engine.store('acme', COUNTER);
});
afterAll(() => engine.close());

const actors = { player: { id: 'ann' } };
const startCounter = async (): Promise<string> =>
  String((await start(replica, { scenario: counter, actors }, player)).process.id);
const add = (process: string, response: unknown, at = replica) =>
  performStep(at.writes, { process, action: 'add', response, representation: false }, player);
const whole = async (id: string, by = player): Promise<ProcessDocument> =>
  (await read(replica, { id }, by)).process as unknown as ProcessDocument;

describe('a step', () => {
  it('is on disk when it is answered: state, event, log and announcement together', async () => {
    const id = await startCounter();
    const answer = await add(id, 5);

    const process = await whole(id);
    expect(process.vars).toEqual({ sum: 5 });
    expect(process.events.at(-1)).toMatchObject({ action: 'add', response: 5, hash: answer.etag });
    expect(process.previous).toHaveLength(1);
    expect((await announcements(id)).map(({ type }) => type)).toEqual(['process.started', 'process.stepped']);
    expect(verify(process)).toMatchObject({ valid: true });
  });

  it('that is refused is recorded with its reasons, and changes nothing else', async () => {
    const id = await startCounter();
    const refusal = await add(id, -1).catch((error: unknown) => error);

    expect(refusal).toBeInstanceOf(HandoverError);
    expect(refusal).toMatchObject({ code: 'step_refused', reasons: ['Response is invalid: data must be >= 0'] });
    const process = await whole(id);
    expect(process.events.at(-1)).toMatchObject({ skipped: true, response: -1 });
    expect(process.vars).toEqual({ sum: 0 });
  });

  it('by somebody who plays no actor is forbidden and leaves no trace', async () => {
    const id = await startCounter();
    const step = performStep(
      replica.writes,
      { process: id, action: 'add', response: 1, representation: false },
      user('eve'),
    );
    await expect(step).rejects.toMatchObject({ code: 'forbidden' });
    expect((await whole(id)).events).toHaveLength(1);
  });

  it('as an actor one does not play is forbidden', async () => {
    const id = await startCounter();
    const body = { process: id, action: 'add', response: 1, actor: 'service:bank', representation: false };
    await expect(performStep(replica.writes, body, player)).rejects.toThrow(/perform as actor 'service:bank'/);
  });

  it('of a process that is not there is told so, whatever its id looks like', async () => {
    for (const process of ['00000000-0000-4000-8000-000000000000', "'; drop table processes"]) {
      await expect(add(process, 1)).rejects.toMatchObject({ code: 'process_not_found' });
    }
  });

  it('ends a process with one completion that tells its result', async () => {
    const id = await startCounter();
    await add(id, 7);
    await performStep(replica.writes, { process: id, action: 'finish', representation: false }, player);
    const completions = (await announcements(id)).filter(({ type }) => type === 'process.completed');
    expect(completions).toEqual([
      expect.objectContaining({ data: expect.objectContaining({ result: 7, state: '(finished)' }) }),
    ]);
  });
});

describe('a step on condition', () => {
  it('is carried out on the version the caller has seen, and on no other', async () => {
    const id = await startCounter();
    const { etag } = await add(id, 1);
    const conditional = { process: id, action: 'add', response: 1, ifMatch: etag, representation: false };
    await performStep(replica.writes, conditional, player);
    await expect(performStep(replica.writes, conditional, player)).rejects.toMatchObject({
      code: 'precondition_failed',
    });
    expect((await whole(id)).vars).toEqual({ sum: 2 });
  });
});

describe('more commands than there is room for', () => {
  it('are told to come again, the replica is not ready meanwhile, and those that were taken are carried out', async () => {
    const id = await startCounter();
    const narrow = engine.replica(2);
    const add = () =>
      performStep(narrow.writes, { process: id, action: 'add', response: 1, representation: false }, player);
    const sent = [add(), add(), add()].map((step) => step.catch(asProblem));
    await expect(narrow.writes.ready()).rejects.toThrow('2 commands are waiting already');
    expect((await Promise.all(sent)).map((answer) => ('code' in answer ? answer : 'done'))).toEqual([
      'done',
      'done',
      expect.objectContaining({ code: 'unavailable' }),
    ]);
    await narrow.writes.ready();
    expect((await whole(id)).vars).toEqual({ sum: 2 });
  });
});

describe('a command with an idempotency key', () => {
  const once = (
    process: string,
    response: unknown,
    key: string,
    fingerprint = JSON.stringify(response),
    at = replica,
  ) =>
    performStep(at.writes, { process, action: 'add', response, representation: false }, player, {
      idempotency: { key, fingerprint },
    });

  it('is carried out once, and answered the same each time', async () => {
    const id = await startCounter();
    const first = await once(id, 5, 'k1');
    expect(await once(id, 5, 'k1')).toEqual(first);
    expect((await whole(id)).vars).toEqual({ sum: 5 });
  });

  it('that was refused is refused again in the same words, and recorded once', async () => {
    const id = await startCounter();
    const refusals = [await once(id, -1, 'k2').catch(asProblem), await once(id, -1, 'k2').catch(asProblem)];
    expect(refusals[0]).toMatchObject({ code: 'step_refused' });
    expect(refusals[1]).toEqual(refusals[0]);
    expect((await whole(id)).events).toHaveLength(2);
  });

  it('is told from another command with the same key', async () => {
    const id = await startCounter();
    await once(id, 1, 'k3');
    await expect(once(id, 2, 'k3')).rejects.toMatchObject({ code: 'idempotency_mismatch' });
  });

  it('sent many times at once, to two replicas, is carried out once', async () => {
    const id = await startCounter();
    const other = engine.replica();
    const sent = Array.from({ length: 20 }, (_, n) =>
      once(id, 3, 'k4', '3', n % 2 === 0 ? replica : other).catch(asProblem),
    );
    const codes = new Set((await Promise.all(sent)).map((answer) => ('code' in answer ? answer.code : 'done')));
    expect([...codes].sort()).toEqual(expect.arrayContaining(['done']));
    expect([...codes].filter((code) => code !== 'done' && code !== 'idempotency_in_flight')).toEqual([]);
    expect((await whole(id)).vars).toEqual({ sum: 3 });
  });

  it('that starts a process starts one', async () => {
    const idempotency = { key: 'k5', fingerprint: 'start' };
    const starts = [1, 2].map(() => start(replica, { scenario: counter, actors }, player, { idempotency }));
    const [first, second] = await Promise.all(starts.map((started) => started.catch(asProblem)));
    const again = await start(replica, { scenario: counter, actors }, player, { idempotency });
    expect([first, second]).toContainEqual(again);
  });

  it('is another’s in another tenant', async () => {
    const id = await startCounter();
    await once(id, 1, 'k6');
    const rows = await withTenant(replica.db, 'rival', (tx) => tx.selectFrom('idempotency').select('key').execute());
    expect(rows).toEqual([]);
  });
});

describe('what is read of a process', () => {
  it('can be some of its members, without its past', async () => {
    const id = await startCounter();
    const { process, etag } = await read(replica, { id, fields: ['id', 'vars', 'scenario'] }, player);
    expect(process).toEqual({
      id,
      vars: { sum: 0 },
      scenario: expect.objectContaining({ id: counter, name: 'counter' }),
    });
    expect(etag).toBe((await whole(id)).events.at(-1)?.hash);
  });

  it('can be its events, page by page', async () => {
    const id = await startCounter();
    for (let n = 1; n <= 3; n++) await add(id, n);
    const page = await readEvents(replica, { process: id, from: 1, limit: 2 }, player);
    expect(page.total).toBe(4);
    expect(page.events.map(({ response }) => response)).toEqual([1, 2]);
    await expect(readEvents(replica, { process: id, from: 0, limit: 2 }, user('eve'))).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  it('tells whether its history was tampered with, and where', async () => {
    const id = await startCounter();
    await add(id, 1);
    await add(id, 2);
    expect(await readVerification(replica, { process: id }, player)).toMatchObject({ valid: true, events: 3 });

    await withTenant(replica.db, 'acme', async (tx) => {
      const { event } = await tx
        .selectFrom('events')
        .select('event')
        .where('process', '=', id)
        .where('index', '=', 1)
        .executeTakeFirstOrThrow();
      const forged = JSON.stringify({ ...event, response: 100 });
      await tx.updateTable('events').set({ event: forged }).where('process', '=', id).where('index', '=', 1).execute();
    });
    expect(await readVerification(replica, { process: id }, player)).toMatchObject({
      valid: false,
      firstInvalid: { index: 1, reason: 'The content does not match the hash' },
    });

    await withTenant(replica.db, 'acme', (tx) =>
      tx.deleteFrom('events').where('process', '=', id).where('index', '>', 0).execute(),
    );
    expect(await readVerification(replica, { process: id }, player)).toMatchObject({
      valid: false,
      firstInvalid: { index: 1 },
    });
  });
});

describe('a start', () => {
  it('that is refused leaves nothing behind', async () => {
    const before = await count();
    const body = { scenario: counter, actors, action: { key: 'add', response: 'much' } };
    await expect(start(replica, body, player)).rejects.toMatchObject({ code: 'step_refused' });
    expect(await count()).toBe(before);
  });

  it('of an unknown scenario, or with an actor the scenario does not have, says which', async () => {
    await expect(start(replica, { scenario: 'counters' }, player)).rejects.toMatchObject({ code: 'unknown_scenario' });
    const ghost = start(replica, { scenario: counter, actors: { ghost: {} } }, player);
    await expect(ghost).rejects.toThrow(/Actor 'ghost' not found in scenario/);
  });
});

describe('a scenario that reads history', () => {
  it('finds all of it, batch by batch', async () => {
    const scenario = await engine.store('acme', HISTORIAN);
    const { process } = await start(replica, { scenario, actors }, player);
    const id = String(process.id);
    for (let n = 0; n < 3; n++) {
      await performStep(replica.writes, { process: id, action: 'look', representation: false }, player);
    }
    expect((await whole(id)).vars).toEqual({ seen: 4 });
  });
});

describe('steps at the same time', () => {
  it('on one replica each see what the one before did', async () => {
    const id = await startCounter();
    await Promise.all(Array.from({ length: 50 }, () => add(id, 1)));
    const process = await whole(id);
    expect(process.vars).toEqual({ sum: 50 });
    expect(verify(process)).toMatchObject({ valid: true, events: 51 });
  });

  it('on two replicas lose no update, and no conflict reaches a caller', async () => {
    const other = engine.replica();
    const ids = await Promise.all(Array.from({ length: 5 }, startCounter));
    await Promise.all(
      ids.flatMap((id) => Array.from({ length: 20 }, (_, n) => add(id, 1, n % 2 === 0 ? replica : other))),
    );
    for (const id of ids) {
      const process = await whole(id);
      expect(process.vars).toEqual({ sum: 20 });
      expect(verify(process)).toMatchObject({ valid: true, events: 21 });
    }
  });
});

describe('tenants', () => {
  it('do not see each other, even by a query that forgets to ask', async () => {
    const id = await startCounter();
    const stranger = user('ann', { tenant: 'rival', privileges: ['*'] });
    await expect(whole(id, stranger)).rejects.toMatchObject({ code: 'process_not_found' });
    for (const table of ['scenarios', 'processes', 'events', 'outbox'] as const) {
      const rows = await withTenant(replica.db, 'rival', (tx) => tx.selectFrom(table).select('tenant').execute());
      expect(rows).toEqual([]);
      expect(await replica.db.selectFrom(table).select('tenant').execute()).toEqual([]);
    }
  });

  it('cannot write rows of another', async () => {
    const forged = withTenant(replica.db, 'rival', (tx) =>
      tx.updateTable('processes').set({ state: 'stolen' }).where('tenant', '=', 'acme').executeTakeFirst(),
    );
    expect((await forged).numUpdatedRows).toBe(0n);
  });
});

async function count(): Promise<number> {
  const rows = await withTenant(replica.db, 'acme', (tx) => tx.selectFrom('processes').select('id').execute());
  return rows.length;
}

async function announcements(process: string) {
  const rows = await withTenant(replica.db, 'acme', (tx) =>
    tx.selectFrom('outbox').select('event').where('process', '=', process).orderBy('seq').execute(),
  );
  return rows.map(({ event }) => event);
}

function asProblem(error: unknown): { code: string; message: string; reasons: readonly string[] | undefined } {
  if (!(error instanceof HandoverError)) throw error;
  return { code: error.code, message: error.message, reasons: error.reasons };
}
