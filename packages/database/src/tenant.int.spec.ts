import { createTestDatabase, type TestDatabase } from '@handover/testkit';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.js';
import { migrate } from './migrate.js';
import { tenantTable, withTenant } from './tenant.js';

interface Schema {
  note: { tenant: string; id: number };
}

let test: TestDatabase<'engine'>;
let runtime: Database<Schema>;
let owner: Database<Schema>;

const notes = {
  '0001-notes': {
    up: async (db: Kysely<unknown>) => {
      await sql`create table note (tenant text not null, id int not null, primary key (tenant, id))`.execute(db);
      await tenantTable(db, 'note');
    },
  },
};

beforeAll(async () => {
  test = await createTestDatabase({ services: ['engine'] });
  const { ownerUrl, runtimeUrl } = test.services.engine;
  await migrate({ url: ownerUrl, schema: 'engine', migrations: notes });
  runtime = openDatabase({ url: runtimeUrl, applicationName: 'runtime', poolSize: 1 });
  owner = openDatabase({ url: ownerUrl, applicationName: 'owner', poolSize: 1 });
});
afterAll(async () => {
  await Promise.all([runtime.close(), owner.close()]);
  await test.drop();
});

const write = (tenant: string, id: number, as = tenant) =>
  withTenant(runtime.db, as, (tx) => tx.insertInto('note').values({ tenant, id }).execute());
const read = (tenant: string) => withTenant(runtime.db, tenant, (tx) => tx.selectFrom('note').selectAll().execute());

describe('a tenant table', () => {
  beforeEach(async () => {
    for (const tenant of ['ours', 'theirs']) {
      await withTenant(runtime.db, tenant, (tx) => tx.deleteFrom('note').execute());
    }
    await write('ours', 1);
    await write('theirs', 2);
  });

  it('shows a tenant its own rows only', async () => {
    expect(await read('ours')).toEqual([{ tenant: 'ours', id: 1 }]);
    expect(await read('theirs')).toEqual([{ tenant: 'theirs', id: 2 }]);
    expect(await read('nobody')).toEqual([]);
  });

  it('takes no row of another tenant', async () => {
    await expect(write('theirs', 3, 'ours')).rejects.toThrow('row-level security');
  });

  it('lets no tenant change or remove the rows of another', async () => {
    const [changed, removed] = await withTenant(runtime.db, 'ours', async (tx) => [
      await tx.updateTable('note').set({ id: 9 }).where('tenant', '=', 'theirs').executeTakeFirst(),
      await tx.deleteFrom('note').where('tenant', '=', 'theirs').executeTakeFirst(),
    ]);
    expect([changed?.numUpdatedRows, removed?.numDeletedRows]).toEqual([0n, 0n]);
    expect(await read('theirs')).toHaveLength(1);
  });

  it.each(['runtime', 'owner'] as const)('shows and takes no row outside a tenant, as %s', async (role) => {
    const { db } = { runtime, owner }[role];
    expect(await db.selectFrom('note').selectAll().execute()).toEqual([]);
    await expect(db.insertInto('note').values({ tenant: '', id: 1 }).execute()).rejects.toThrow('row-level security');
    // The same connection again after it served a tenant: the setting must not linger.
    await withTenant(db, 'ours', (tx) => tx.selectFrom('note').selectAll().execute());
    expect(await db.selectFrom('note').selectAll().execute()).toEqual([]);
    await expect(db.insertInto('note').values({ tenant: '', id: 1 }).execute()).rejects.toThrow('row-level security');
  });

  it('is searched through its index', async () => {
    const plan = await withTenant(runtime.db, 'ours', async (tx) => {
      await sql`set local enable_seqscan = off`.execute(tx);
      return sql<Record<string, string>>`explain select * from note where id = 1`.execute(tx);
    });
    expect(JSON.stringify(plan.rows)).toMatch(/Index Cond: .*tenant = .* AND .*id = 1/);
  });
});

describe('withTenant', () => {
  it('rolls back when the work throws, and throws the same error', async () => {
    const failure = new Error('changed my mind');
    const attempt = withTenant(runtime.db, 'rollback', async (tx) => {
      await tx.insertInto('note').values({ tenant: 'rollback', id: 1 }).execute();
      throw failure;
    });
    await expect(attempt).rejects.toBe(failure);
    expect(await read('rollback')).toEqual([]);
  });

  it('keeps tenants apart whose names look like SQL', async () => {
    const odd = `o'; drop table note; --`;
    await write(odd, 1);
    expect(await read(odd)).toEqual([{ tenant: odd, id: 1 }]);
  });

  it('refuses an empty tenant', async () => {
    await expect(read('')).rejects.toThrow(TypeError);
  });
});
