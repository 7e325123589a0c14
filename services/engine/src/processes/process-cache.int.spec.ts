import { withTenant } from '@handover/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineInHand, user, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { createProcessCache } from './process-cache.js';
import { readVerification } from './read-history.js';
import { read } from './read-process.js';
import { start } from './start-process.js';
import { performStep } from './step-process.js';
import { loadProcesses, type ProcessInHand } from './stored-process.js';

const COUNTER = `
actors: { player: ~ }
actions:
  add:
    actor: player
    response: { type: integer }
    update: { set: vars.sum, value: !ref 'vars.sum + current.response' }
  finish: { actor: player }
states:
  initial:
    transitions:
      - { on: add, goto: ~ }
      - { on: finish, goto: (finished) }
vars: { sum: !default 0 }
`;

const player = user('ann');
let engine: EngineInHand;
let one: Replica;
let other: Replica;
let counter: string;

beforeAll(async () => {
  engine = await engineInHand();
  one = engine.replica();
  other = engine.replica();
  counter = await engine.store('acme', COUNTER);
});
afterAll(() => engine.close());

const started = async (): Promise<string> =>
  String((await start(one, { scenario: counter, actors: { player: { id: 'ann' } } }, player)).process.id);
const add = (at: Replica, process: string, ifMatch?: string) =>
  performStep(
    at.writes,
    { process, action: 'add', response: 1, representation: false, ...(ifMatch !== undefined && { ifMatch }) },
    player,
  );
const finish = (at: Replica, process: string) =>
  performStep(at.writes, { process, action: 'finish', representation: false }, player);
const whole = async (id: string) =>
  (await read(other, { id }, player)).process as unknown as { vars: object; events: unknown[] };

describe('a process that another replica has changed', () => {
  it('is changed as it is, not as it is remembered', async () => {
    const id = await started();
    for (const at of [one, other, one, one, other, other, one]) await add(at, id);
    expect((await whole(id)).vars).toEqual({ sum: 7 });
    expect(await readVerification(one, { process: id }, player)).toMatchObject({ valid: true });
  });

  it('is not refused for the version that is remembered', async () => {
    const id = await started();
    await add(one, id);
    const { etag } = await add(other, id);
    await expect(add(one, id, etag)).resolves.toBeDefined();
  });

  it('is refused for a version that is only remembered', async () => {
    const id = await started();
    const { etag } = await add(one, id);
    await add(other, id);
    await expect(add(one, id, etag)).rejects.toMatchObject({ code: 'precondition_failed' });
    expect((await whole(id)).vars).toEqual({ sum: 2 });
  });

  it('is not stepped once it has ended there', async () => {
    const id = await started();
    await add(one, id);
    await finish(other, id);
    await expect(add(one, id)).rejects.toMatchObject({ code: 'step_refused' });
    expect((await whole(id)).vars).toEqual({ sum: 1 });
  });

  it('takes every step of two replicas at once', async () => {
    const id = await started();
    await Promise.all(Array.from({ length: 40 }, (_, n) => add(n % 2 === 0 ? one : other, id)));
    expect((await whole(id)).vars).toEqual({ sum: 40 });
    expect(await readVerification(one, { process: id }, player)).toMatchObject({ valid: true, events: 41 });
  });
});

describe('the memory of processes', () => {
  /** A snapshot of so many characters is taken for 4,000 bytes. */
  const LENGTH = 1_000;

  async function inHand(count: number): Promise<ProcessInHand[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) ids.push(await started());
    const found = await withTenant(one.db, 'acme', (tx) => loadProcesses(tx, one.scenarios, 'acme', ids, true));
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  it('holds no more than it may; what was used longest ago goes first', async () => {
    const cache = createProcessCache(12_500);
    const [a, b, c, d] = (await inHand(4)) as [ProcessInHand, ProcessInHand, ProcessInHand, ProcessInHand];
    for (const each of [a, b, c]) cache.keep('acme', each, LENGTH);
    expect(cache.get('acme', a.process.id)).toBeDefined();
    cache.keep('acme', d, LENGTH);
    const left = [a, b, c, d].map(({ process }) => cache.get('acme', process.id) !== undefined);
    expect(left).toEqual([true, false, true, true]);
  });

  it('gives room back for what is forgotten or kept anew, and keeps nothing larger than itself', async () => {
    const cache = createProcessCache(8_500);
    const [a, b, c] = (await inHand(3)) as [ProcessInHand, ProcessInHand, ProcessInHand];
    for (let n = 0; n < 5; n++) cache.keep('acme', a, LENGTH);
    cache.keep('acme', b, LENGTH);
    expect(cache.get('acme', a.process.id)).toBeDefined();
    cache.forget('acme', [a.process.id]);
    cache.keep('acme', c, LENGTH);
    expect(cache.get('acme', b.process.id)).toBeDefined();
    cache.keep('acme', a, 100 * LENGTH);
    const left = [a, b, c].map(({ process }) => cache.get('acme', process.id) !== undefined);
    expect(left).toEqual([false, true, true]);
  });

  it('keeps tenants apart', async () => {
    const cache = createProcessCache(100_000);
    const [a] = (await inHand(1)) as [ProcessInHand];
    cache.keep('acme', a, LENGTH);
    expect(cache.get('rival', a.process.id)).toBeUndefined();
    cache.forget('rival', [a.process.id]);
    expect(cache.get('acme', a.process.id)).toBeDefined();
  });
});
