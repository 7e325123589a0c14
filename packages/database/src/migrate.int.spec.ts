import { createTestDatabase, type TestDatabase } from '@handover/testkit';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from './database.js';
import { migrate, type Migrations } from './migrate.js';

let test: TestDatabase<'engine' | 'auth'>;

beforeAll(async () => {
  test = await createTestDatabase({ services: ['engine', 'auth'] });
});
afterAll(() => test.drop());
beforeEach(async () => {
  await query(
    `do $$ declare name text; begin
       for name in select tablename from pg_tables where schemaname = 'engine' loop
         execute format('drop table engine.%I', name);
       end loop;
     end $$`,
  );
});

const statement = (text: string) => ({ up: async (db: Kysely<unknown>) => void (await sql.raw(text).execute(db)) });
const first: Migrations = { '0001-processes': statement('create table process (id int primary key)') };
const second: Migrations = { ...first, '0002-process-state': statement('alter table process add column state text') };
const run = (migrations: Migrations, url = test.services.engine.ownerUrl) =>
  migrate({ url, schema: 'engine', migrations });

describe('migrate', () => {
  it('runs what has not run yet, once, in the order of the names', async () => {
    expect(await run(first)).toEqual(['0001-processes']);
    expect(await run(Object.fromEntries(Object.entries(second).reverse()))).toEqual(['0002-process-state']);
    expect(await run(second)).toEqual([]);
    expect(await tables()).toEqual(['migration', 'migration_lock', 'process']);
  });

  it('keeps everything in the schema of the service, even when an admin runs it', async () => {
    await run(first, test.adminUrl);
    expect(await tables()).toEqual(['migration', 'migration_lock', 'process']);
    await query('drop table engine.process, engine.migration, engine.migration_lock');
  });

  it('runs each migration once when many start at the same time', async () => {
    const applied = await Promise.all(Array.from({ length: 8 }, () => run(second)));
    expect(applied.flat().sort()).toEqual(Object.keys(second));
  });

  it('changes nothing when one of several fails, and names it', async () => {
    const broken = { ...first, '0002-broken': statement('alter table nowhere add column x int') };
    await expect(run(broken)).rejects.toThrow(/migration "0002-broken" of schema "engine" failed: .*nowhere/);
    expect(await tables()).toEqual(['migration', 'migration_lock']);
    expect(await run(second)).toHaveLength(2);
  });

  it('refuses to go on when the schema is ahead of the code', async () => {
    await run(second);
    await expect(run(first)).rejects.toThrow(/0002-process-state/);
  });

  it('refuses a name that does not say what the migration does', async () => {
    await expect(run({ '1': statement('select 1') })).rejects.toThrow('0001-what-it-does');
  });

  it('works as the owner of the schema only', async () => {
    await expect(run(first, test.services.engine.runtimeUrl)).rejects.toThrow('permission denied');
    await expect(run(first, test.services.auth.ownerUrl)).rejects.toThrow('permission denied');
  });
});

async function query<Row>(text: string): Promise<Row[]> {
  const admin = openDatabase({ url: test.adminUrl, applicationName: 'test' });
  try {
    return (await sql.raw<Row>(text).execute(admin.db)).rows;
  } finally {
    await admin.close();
  }
}

async function tables(): Promise<string[]> {
  const rows = await query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  return rows.map(({ name }) => name);
}
