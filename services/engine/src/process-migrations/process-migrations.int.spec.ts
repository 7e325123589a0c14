import type { ProcessMigration } from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { ProcessDocument } from '@handover/process';
import { createLogger } from '@handover/runtime';
import { eventually } from '@handover/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ann, startOf, stepOf } from '../../test/ann.js';
import { engineInHand, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { readVerification } from '../processes/read-history.js';
import { read } from '../processes/read-process.js';
import { start } from '../processes/start-process.js';
import { begin } from './begin-migration.js';
import { migrateProcess } from './migrate-process.js';
import { claimMigration, planItems, releaseMigration } from './migration.repository.js';
import { startMigrator, type Migrator } from './migrator.js';
import { readMigration, readMigrationProcesses } from './read-migration.js';

const OLD = `
title: old
actors: { actor: ~ }
vars: { note: string }
actions: { note: { update: vars.note } }
states:
  initial:
    transitions:
      - { on: note, goto: ~ }
      - { on: detour, goto: aside }
      - { on: finish, goto: (done) }
      - { after: 1 hour, goto: (expired) }
  aside: { on: back, goto: initial }
`;
/** Notes are short, there is no detour, and a day of time. */
const NEW = `
title: new
actors: { actor: ~ }
vars: { note: { type: string, maxLength: 5 } }
actions: { note: { update: vars.note } }
states:
  initial:
    transitions:
      - { on: note, goto: ~ }
      - { on: finish, goto: (done) }
      - { after: 1 day, goto: (expired) }
`;

const log = createLogger('test', 'silent');
const migrators: Migrator[] = [];
let engine: EngineInHand;
let replica: Replica;
let versions = 0;

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
});
afterEach(() => Promise.all(migrators.splice(0).map((migrator) => migrator.stop())));
afterAll(() => engine.close());

/** A pair of scenarios of this test's own. */
async function pair(): Promise<{ from: string; to: string }> {
  versions += 1;
  const own = (yaml: string) => engine.store('acme', `${yaml}description: '${versions}'\n`);
  return { from: await own(OLD), to: await own(NEW) };
}

const migrator = (of: Replica = replica): Migrator => {
  const started = startMigrator({ ...of, log, pollMs: 50 });
  migrators.push(started);
  return started;
};
const beginOn = (body: Parameters<typeof begin>[1], key?: string, fingerprint = 'f') =>
  begin(
    { db: replica.db, migrator: { wake: () => undefined }, log },
    body,
    ann,
    key === undefined ? undefined : { key, fingerprint },
  );
const isDone = (id: string): Promise<ProcessMigration> =>
  eventually(async () => {
    const migration = await readMigration(replica.db, 'acme', id);
    expect(migration.status).toBe('done');
    return migration;
  });
const processesOf = (id: string, fits?: boolean) =>
  readMigrationProcesses(replica.db, 'acme', { id, limit: 1_000, ...(fits !== undefined && { fits }) });
const whole = async (id: string): Promise<ProcessDocument> =>
  (await read(replica, { id }, ann)).process as unknown as ProcessDocument;
const timer = (id: string) =>
  withTenant(replica.db, 'acme', (tx) =>
    tx.selectFrom('timers').select('due_at').where('process', '=', id).executeTakeFirst(),
  );

describe('a dry run', () => {
  it('says of each process whether it fits and why not, and changes nothing', async () => {
    const { from, to } = await pair();
    const fine = await startOf(replica, from, ['note', 'ok']);
    const long = await startOf(replica, from, ['note', 'too long']);
    const aside = await startOf(replica, from, ['detour']);
    await startOf(replica, from, ['finish']);
    migrator();

    const { id } = await beginOn({ selection: { scenario: from, running: true }, to, dryRun: true });
    expect(await isDone(id)).toMatchObject({ total: 3, examined: 3, fits: 1, misfits: 2, migrated: 0 });

    expect((await processesOf(id, true)).processes).toEqual([
      { process: fine, state: 'initial', fits: true, migrated: false, newState: 'initial', reasons: [] },
    ]);
    const misfits = new Map((await processesOf(id, false)).processes.map((each) => [each.process, each.reasons]));
    expect(misfits.get(long)).toContainEqual(expect.stringMatching(/Variable 'note' is invalid/));
    expect(misfits.get(aside)).toContain(`State 'aside' not found in scenario`);
    expect((await whole(fine)).scenario.id).toBe(from);
    expect((await whole(fine)).events).toHaveLength(2);
  });
});

describe('a migration', () => {
  it('takes along those that fit: history kept, timers made anew, the world told', async () => {
    const { from, to } = await pair();
    const fine = await startOf(replica, from, ['note', 'ok']);
    const aside = await startOf(replica, from, ['detour']);
    const before = await whole(fine);
    migrator();

    const { id } = await beginOn({ selection: { scenario: from, running: true }, to, dryRun: false });
    expect(await isDone(id)).toMatchObject({ total: 2, fits: 1, misfits: 1, migrated: 1 });

    const after = await whole(fine);
    expect(after.scenario.id).toBe(to);
    expect(after.events.slice(0, -1)).toEqual(before.events);
    expect(after.events.at(-1)).toMatchObject({ migration: { from, to }, actor: { key: 'operator', id: 'ann' } });
    expect(await readVerification(replica, { process: fine }, ann)).toMatchObject({ valid: true, events: 3 });
    const dayLater = new Date(Date.parse(after.current.timestamp) + 86_400_000).toISOString();
    expect(await timer(fine)).toEqual({ due_at: dayLater });
    const announced = await withTenant(replica.db, 'acme', (tx) =>
      tx.selectFrom('outbox').select('event').where('process', '=', fine).execute(),
    );
    expect(announced.map(({ event }) => event)).toContainEqual(
      expect.objectContaining({ type: 'process.migrated', data: expect.objectContaining({ from, to }) as unknown }),
    );
    expect((await whole(aside)).scenario.id).toBe(from);

    await expect(stepOf(replica, fine, 'note', 'too long')).rejects.toMatchObject({ code: 'step_refused' });
    await stepOf(replica, fine, 'finish');
    expect((await whole(fine)).isRunning).toBe(false);
  });

  it('to a scenario without timeouts leaves no appointment behind', async () => {
    const { from } = await pair();
    const to = await engine.store(
      'acme',
      `{ title: calm ${versions}, states: { initial: { on: finish, goto: (done) } } }`,
    );
    const id = await startOf(replica, from);
    expect(await timer(id)).toBeDefined();
    migrator();
    await isDone((await beginOn({ selection: { scenario: from, running: true }, to, dryRun: false })).id);
    expect((await whole(id)).scenario.id).toBe(to);
    expect(await timer(id)).toBeUndefined();
  });

  it('selects by state, tag and ids', async () => {
    const { from, to } = await pair();
    const first = await startOf(replica, from);
    await startOf(replica, from, ['detour']);
    const tagged = await start(replica, { scenario: from, actors: { actor: { id: 'ann' } }, tags: ['vip'] }, ann);
    migrator();
    const selected = async (selection: object): Promise<string[]> => {
      const body = { selection: { scenario: from, running: true, ...selection }, to, dryRun: true };
      const { id } = await beginOn(body);
      await isDone(id);
      return (await processesOf(id)).processes.map(({ process }) => process).sort();
    };
    expect(await selected({ state: 'initial' })).toEqual([first, String(tagged.process.id)].sort());
    expect(await selected({ tag: 'vip' })).toEqual([tagged.process.id]);
    expect(await selected({ ids: [first] })).toEqual([first]);
  });

  it('goes on after a crash, and counts what was done before it', async () => {
    const { from, to } = await pair();
    const ids = await Promise.all(Array.from({ length: 5 }, () => startOf(replica, from)));
    const { id } = await beginOn({ selection: { scenario: from, running: true }, to, dryRun: false });
    // A replica lists the processes, takes one along and dies before it can note that.
    const claimed = await claimMigration(replica.db, 30_000);
    if (claimed?.id !== id) throw new Error('another migration waits');
    await withTenant(replica.db, 'acme', (tx) => planItems(tx, claimed, 100));
    const target = await withTenant(replica.db, 'acme', (tx) => replica.scenarios.compiled(tx, 'acme', to));
    await migrateProcess(replica, claimed, target, ids[0] ?? '');
    await withTenant(replica.db, 'acme', (tx) => releaseMigration(tx, id));

    migrator(engine.replica());
    expect(await isDone(id)).toMatchObject({ total: 5, examined: 5, fits: 5, misfits: 0, migrated: 5 });
    for (const process of ids) expect((await whole(process)).events).toHaveLength(2);
  });

  it('shared by two replicas, beside people who act, takes every process along once', async () => {
    const { from, to } = await pair();
    const ids = await Promise.all(Array.from({ length: 120 }, () => startOf(replica, from)));
    const { id } = await beginOn({ selection: { scenario: from, running: true }, to, dryRun: false });
    migrator();
    migrator(engine.replica());
    await Promise.all(ids.map((process) => stepOf(replica, process, 'note', 'hi')));

    expect(await isDone(id)).toMatchObject({ total: 120, examined: 120, fits: 120, migrated: 120 });
    for (const process of ids) {
      const { events } = await whole(process);
      expect(events.filter((event) => 'migration' in event)).toHaveLength(1);
      expect(events).toHaveLength(3);
    }
  });

  it('pages through its processes', async () => {
    const { from, to } = await pair();
    const ids = await Promise.all(Array.from({ length: 5 }, () => startOf(replica, from)));
    migrator();
    const { id } = await beginOn({ selection: { scenario: from, running: true }, to, dryRun: true });
    await isDone(id);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await readMigrationProcesses(replica.db, 'acme', { id, limit: 2, after });
      seen.push(...page.processes.map(({ process }) => process));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toEqual([...ids].sort());
  });

  it('begun twice with one idempotency key is one', async () => {
    const { from, to } = await pair();
    const body = { selection: { scenario: from, running: true }, to, dryRun: true };
    migrator();
    const first = await beginOn(body, `key-${from}`);
    expect((await beginOn(body, `key-${from}`)).id).toBe(first.id);
    await expect(beginOn(body, `key-${from}`, 'other')).rejects.toMatchObject({ code: 'idempotency_mismatch' });
    await isDone(first.id);
  });

  it('is refused from and to what is not there, and to itself; and is no other tenant’s to see', async () => {
    const { from, to } = await pair();
    const nowhere = '00000000-0000-4000-8000-000000000000';
    const asked = (scenario: string, target: string) =>
      beginOn({ selection: { scenario, running: true }, to: target, dryRun: true });
    await expect(asked(nowhere, to)).rejects.toMatchObject({ code: 'unknown_scenario' });
    await expect(asked(from, nowhere)).rejects.toMatchObject({ code: 'unknown_scenario' });
    await expect(asked(from, from)).rejects.toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/to' }] });
    migrator();
    const { id } = await asked(from, to);
    await isDone(id);
    await expect(readMigration(replica.db, 'rival', id)).rejects.toMatchObject({ code: 'migration_not_found' });
  });
});
