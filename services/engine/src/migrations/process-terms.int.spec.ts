import { migrate, openDatabase, withTenant, type Database, type Migrations } from '@handover/database';
import { createTestDatabase, type TestDatabase } from '@handover/testkit';
import { instantiate, toSnapshot } from '@handover/process';
import { compile, normalizeScenario, type NormalizedScenario } from '@handover/scenario';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EngineSchema } from '../database.js';
import { listingOf } from '../lists/terms.js';
import { versionRank } from '../scenarios/version-rank.js';
import { migrations } from './index.js';

let test: TestDatabase<'engine'>;
let database: Database<EngineSchema>;

beforeAll(async () => {
  test = await createTestDatabase({ services: ['engine'] });
  database = openDatabase({ url: test.services.engine.runtimeUrl, applicationName: 'test', poolSize: 1 });
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

it('processes that were there before lists are found in them, scenarios by the order of their versions', async () => {
  const url = test.services.engine.ownerUrl;
  const upTo = (number: string): Migrations =>
    Object.fromEntries(Object.entries(migrations).filter(([name]) => name < number));
  await migrate({ url, schema: 'engine', migrations: upTo('0005') });
  const id = '00000000-0000-4000-8000-000000000001';
  const document: NormalizedScenario = normalizeScenario({
    title: 'Old deed',
    actors: { buyer: {} },
    states: { initial: { on: 'sign', goto: '(signed)' } },
    actions: { sign: { actor: 'buyer' } },
  });
  const scenario = compile({ ...document, id });
  const now = new Date().toISOString();
  const { process } = instantiate(scenario, { id, now, actors: { buyer: { id: 'ann' } } });
  await withTenant(database.db, 'acme', async (tx) => {
    await sql`insert into scenarios (tenant, id, name, version, title, description, tags, source, format, normalised)
      values ('acme', ${id}, 'deed', '1.10', 'Old deed', '', '{}', '', 'json', ${JSON.stringify(document)})`.execute(
      tx,
    );
    await sql`insert into processes
      (tenant, id, scenario, version, etag, state, running, snapshot, created_at, updated_at)
      values ('acme', ${id}, ${id}, 1, 'x', 'initial', true, ${JSON.stringify(toSnapshot(process))}, ${now}, ${now})
    `.execute(tx);
  });

  await migrate({ url, schema: 'engine', migrations });

  const terms = (tenant: string) =>
    withTenant(database.db, tenant, (tx) => tx.selectFrom('process_terms').select('term').orderBy('term').execute());
  expect((await terms('acme')).map(({ term }) => term)).toEqual([...listingOf(process).terms].sort());
  expect(await terms('rival')).toEqual([]);
  const [stored] = await withTenant(database.db, 'acme', (tx) =>
    tx.selectFrom('scenarios').select('version_rank').execute(),
  );
  expect(stored).toEqual({ version_rank: versionRank('1.10') });
  const hidden = await database.db.selectFrom('processes').select('id').execute();
  expect(hidden).toEqual([]);
});
