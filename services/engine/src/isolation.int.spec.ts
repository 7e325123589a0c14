import { withTenant } from '@handover/database';
import { withoutConditions } from '@handover/testkit';
import { sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineInHand, user, type EngineInHand, type Replica } from '../test/engine-in-hand.js';
import type { EngineSchema } from './database.js';
import { findEventPage, findEvents, findProcesses } from './processes/process.repository.js';
import { start } from './processes/start-process.js';
import { findReferred, findScenario, listSummaries, schemasKeptWith } from './scenarios/scenario.repository.js';

type Tx = Transaction<EngineSchema>;

const WAITING = `
name: waiting
version: '1'
actors: { player: ~ }
states:
  initial:
    transitions:
      - { on: go, goto: (done) }
      - { after: 1 day, goto: (late) }
    notify: { service: mail, after: 1 hour }
actions: { go: { actor: [player, 'service:mail'] } }
`;

let engine: EngineInHand;
let replica: Replica;
/** What belongs to the tenant `acme`. */
let scenario: string;
let process: string;

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
  scenario = await engine.store('acme', WAITING);
  const started = await start(replica, { scenario, actors: { player: { id: 'ann' } } }, user('ann'));
  process = String(started.process.id);
});
afterAll(() => engine.close());

/** By queries whose authors forgot the WHERE. */
const forgetful = <T>(tenant: string, work: (tx: Tx) => Promise<T>): Promise<T> =>
  withTenant(replica.db.withPlugin(withoutConditions()), tenant, work);

describe('a query that forgot its condition', () => {
  it('would show everything, were it not for the tenant', async () => {
    const nobodys = '00000000-0000-4000-8000-000000000000';
    expect(await forgetful('acme', (tx) => findProcesses(tx, [nobodys]))).toMatchObject([{ id: process }]);
    expect(await forgetful('acme', (tx) => findScenario(tx, nobodys))).toMatchObject({ id: scenario });
  });

  it.each<[string, (tx: Tx) => Promise<unknown>, unknown]>([
    ['processes', (tx) => findProcesses(tx, [process]), []],
    ['processes to write', (tx) => findProcesses(tx, [process], true), []],
    ['events', (tx) => findEvents(tx, [process]), []],
    ['a page of events', (tx) => findEventPage(tx, process, 0, 10), []],
    ['a scenario', (tx) => findScenario(tx, scenario), undefined],
    ['a scenario by its name', (tx) => findReferred(tx, 'waiting'), undefined],
    ['the schemas of a scenario', (tx) => schemasKeptWith(tx, scenario), {}],
    ['a list of scenarios', (tx) => listSummaries(tx, {}), { scenarios: [], total: 0 }],
  ])('shows no %s of another tenant', async (_, query, nothing) => {
    expect(await forgetful('rival', query)).toEqual(nothing);
  });

  it('reads, changes and deletes nothing of another tenant, whatever the table', async () => {
    const tables = await tenantTables();
    expect(tables).toEqual(expect.arrayContaining(['events', 'processes', 'process_terms', 'scenarios', 'timers']));
    for (const table of tables) {
      const touched = await withTenant(replica.db, 'rival', async (tx) => [
        (await sql`select * from ${sql.table(table)}`.execute(tx)).rows,
        (await sql`update ${sql.table(table)} set tenant = 'rival' returning tenant`.execute(tx)).rows,
        (await sql`delete from ${sql.table(table)} returning tenant`.execute(tx)).rows,
      ]);
      expect([table, ...touched]).toEqual([table, [], [], []]);
    }
    expect(await withTenant(replica.db, 'acme', (tx) => findProcesses(tx, [process]))).toHaveLength(1);
  });
});

it('every table that names a tenant forces row-level security', async () => {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = 'engine'::regnamespace and relkind = 'r' and relrowsecurity and relforcerowsecurity
    order by relname`.execute(replica.db);
  expect(rows.map(({ name }) => name)).toEqual(await tenantTables());
});

async function tenantTables(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class join pg_attribute on attrelid = pg_class.oid
    where relnamespace = 'engine'::regnamespace and relkind = 'r' and attname = 'tenant'
    order by relname`.execute(replica.db);
  return rows.map(({ name }) => name);
}
