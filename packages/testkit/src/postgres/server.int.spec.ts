import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { embeddedPostgres } from './embedded.js';
import { startPostgres } from './server.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  return client
    .query({ text, rowMode: 'array' })
    .then(({ rows }) => rows.flat())
    .finally(() => client.end());
}

describe('startPostgres', () => {
  it('takes the server that TEST_DATABASE_URL names', async () => {
    const own = await embeddedPostgres();
    vi.stubEnv('TEST_DATABASE_URL', own.adminUrl);
    expect(await startPostgres()).toMatchObject({ adminUrl: own.adminUrl, source: 'environment' });
    await own.stop();
  });

  it('tries no other when the named one cannot be used, and says why', async () => {
    vi.stubEnv('TEST_DATABASE_URL', 'postgres://nobody@127.0.0.1:1/none');
    await expect(startPostgres()).rejects.toThrow(/Tried\n {2}TEST_DATABASE_URL: .*ECONNREFUSED/);
  });

  it('finds one in any case', async () => {
    const server = await startPostgres();
    expect(await query(server.adminUrl, 'select 1')).toEqual([1]);
    await server.stop();
  });
});

describe('a test database', () => {
  const made: TestDatabase<'engine'>[] = [];

  const create = async () => {
    const database = await createTestDatabase({ services: ['engine'] });
    made.push(database);
    return database;
  };

  afterEach(() => Promise.all(made.splice(0).map(({ drop }) => drop())));

  it('is one of its own for each who asks, with the roles of its services', async () => {
    const databases = await Promise.all([1, 2, 3, 4].map(create));
    const names = databases.map(({ services }) => new URL(services.engine.runtimeUrl).pathname);
    expect(new Set(names).size).toBe(4);
    for (const { services } of databases) {
      await query(services.engine.ownerUrl, 'create table mine (id int)');
      expect(await query(services.engine.runtimeUrl, 'select count(*)::int from mine')).toEqual([0]);
    }
  });

  it('is gone with its roles after drop, even while somebody is connected', async () => {
    const [other, database] = [await create(), await create()];
    const client = new pg.Client(database.services.engine.runtimeUrl);
    client.on('error', () => undefined);
    await client.connect();
    await Promise.all([database.drop(), database.drop()]);
    const { pathname } = new URL(database.adminUrl);
    const left = `select datname from pg_database where '/' || datname = '${pathname}'
                  union all select rolname from pg_roles where rolname like '${database.prefix}%'`;
    expect(await query(other.adminUrl, left)).toEqual([]);
    await client.end().catch(() => undefined);
  });
});
