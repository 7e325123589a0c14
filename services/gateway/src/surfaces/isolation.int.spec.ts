import { migrate, openDatabase, withTenant, type Database } from '@handover/database';
import { createTestDatabase, withoutConditions } from '@handover/testkit';
import { sql, type Transaction } from 'kysely';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewaySchema } from '../database.js';
import { migrations } from '../migrations/index.js';
import { findAsset, followEvent, insertAsset, listAssets, updateAsset } from './asset-processes/asset.repository.js';
import * as definitions from './asset-processes/definition.repository.js';
import { findCase, findParameters, insertCase, insertParameters } from './case-workflows/case.repository.js';

type Tx = Transaction<GatewaySchema>;

const PAGE = { page: 1, limit: 100 };
const ALL_TABLES = ['assets', 'asset_tags', 'definitions', 'parties', 'cases', 'parameter_sets'] as const;

let database: Database<GatewaySchema>;
let drop: () => Promise<void>;
/** What belongs to the tenant `acme`. */
let asset: string;
let definition: string;
let scenario: string;
let caseId: string;
let parameters: string;

beforeAll(async () => {
  const test = await createTestDatabase({ services: ['gateway'] });
  const { ownerUrl, runtimeUrl } = test.services.gateway;
  await migrate({ url: ownerUrl, schema: 'gateway', migrations });
  database = openDatabase<GatewaySchema>({ url: runtimeUrl, applicationName: 'gateway-test', poolSize: 2 });
  drop = () => test.drop();
  const { db } = database;
  await withTenant(db, 'acme', async (tx) => {
    ({ id: asset } = await insertAsset(tx, 'acme', { name: 'Laptop', status: 'new', custom_fields: {} }, 'USL'));
    const made = await insertCase(tx, 'acme', { personalNumber: '1', firstName: 'Ada' });
    ({ caseId } = made.shown);
    ({ id: parameters } = await insertParameters(tx, 'acme', randomUUID(), { level: 1 }));
  });
  const steps = [{ type: 'boolean', key: 'a', label: 'A', required: true }];
  const facts = { name: 'Own', slug: 'own', description: '', trigger_status: null, target_status: null };
  const added = await definitions.addDefinition(db, 'acme', { ...facts, id: randomUUID(), is_system: false, steps });
  definition = added?.definition.id ?? '';
  scenario = added?.scenario ?? '';
});
afterAll(async () => {
  await database.close();
  await drop();
});

/** As another tenant, by queries whose authors forgot the WHERE. */
const forgetful = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
  withTenant(database.db.withPlugin(withoutConditions()), 'rival', work);
const ofAcme = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => withTenant(database.db, 'acme', work);

describe('a query that forgot its condition', () => {
  it('would show everything, were it not for the tenant', async () => {
    const any = await withTenant(database.db.withPlugin(withoutConditions()), 'acme', (tx) =>
      findAsset(tx, randomUUID()),
    );
    expect(any).toMatchObject({ id: asset });
  });

  it.each<[string, (tx: Tx) => Promise<unknown>, unknown]>([
    ['finds no asset', (tx) => findAsset(tx, asset), undefined],
    ['finds no asset to lock', (tx) => findAsset(tx, asset, true), undefined],
    ['lists no assets', (tx) => listAssets(tx, { q: 'Lap' }, PAGE), { total: 0, assets: [] }],
    ['changes no asset', (tx) => updateAsset(tx, asset, { name: 'Mine' }), undefined],
    ['moves no asset', (tx) => followEvent(tx, asset, 'stolen', '2999-01-01T00:00:00Z'), undefined],
    ['finds no definition', (tx) => definitions.findDefinition(tx, definition), undefined],
    ['lists no definitions', (tx) => definitions.listDefinitions(tx), []],
    ['finds no definition of a scenario', (tx) => definitions.definitionsOf(tx, [scenario]), new Map()],
    ['deletes no definition', (tx) => definitions.deleteDefinition(tx, definition), undefined],
    ['finds no case', (tx) => findCase(tx, caseId), undefined],
    ['finds no parameters', (tx) => findParameters(tx, parameters), undefined],
  ])('%s of another tenant', async (_, query, nothing) => {
    const before = await ofAcme(everything);
    expect(await forgetful(query)).toEqual(nothing);
    expect(await ofAcme(everything)).toEqual(before);
  });

  it.each(ALL_TABLES)('on %s reads, changes and deletes nothing of another tenant', async (table) => {
    expect(await ofAcme((tx) => tx.selectFrom(table).selectAll().execute())).not.toEqual([]);
    const touched = await forgetful(async (tx) => [
      await tx.selectFrom(table).selectAll().execute(),
      await tx.updateTable(table).set({ tenant: 'rival' }).returningAll().execute(),
      await tx.deleteFrom(table).returningAll().execute(),
    ]);
    expect(touched).toEqual([[], [], []]);
  });

  it('without a tenant finds nothing at all', async () => {
    for (const table of ALL_TABLES) expect(await database.db.selectFrom(table).selectAll().execute()).toEqual([]);
  });
});

it('every table of the schema forces row-level security', async () => {
  const { rows } = await sql<{ name: string; forced: boolean }>`
    select relname as name, relrowsecurity and relforcerowsecurity as forced from pg_class
    where relnamespace = 'gateway'::regnamespace and relkind = 'r' and relname not like 'migration%'
    order by relname`.execute(database.db);
  expect(rows).toEqual([...ALL_TABLES].sort().map((name) => ({ name, forced: true })));
});

/** Every row there is for a tenant. */
async function everything(tx: Tx): Promise<unknown[]> {
  const rows = [];
  for (const table of ALL_TABLES) rows.push(await tx.selectFrom(table).selectAll().execute());
  return rows;
}
