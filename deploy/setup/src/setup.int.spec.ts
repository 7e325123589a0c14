import { openDatabase } from '@handover/database';
import { createLogger } from '@handover/runtime';
import { createTestDatabase, type TestDatabase } from '@handover/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { setupConfig } from './config.js';
import { setUp } from './setup.js';

const SERVICES = ['AUTH', 'ENGINE', 'NOTIFIER', 'GATEWAY'];
const log = createLogger('setup', 'silent');
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const given = (word: string) => {
  const passwords = SERVICES.flatMap((name) => [
    [`${name}_OWNER_PASSWORD`, `${word} of the owner`.replaceAll(' ', '-')],
    [`${name}_PASSWORD`, `${word} of the service`.replaceAll(' ', '-')],
  ]);
  return setupConfig.parse({
    ADMIN_DATABASE_URL: test.adminUrl,
    ROLE_PREFIX: test.prefix,
    ...Object.fromEntries(passwords),
  });
};

async function tablesOf(url: string): Promise<number> {
  const { db, close } = openDatabase({ url, applicationName: 'test', poolSize: 1 });
  try {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from pg_tables where schemaname = current_schema()`.execute(db);
    return rows[0]?.count ?? 0;
  } finally {
    await close();
  }
}

describe('setting up the database of an installation', () => {
  it('gives every service a role and an up-to-date schema, and may run again with new passwords', async () => {
    for (const word of ['first-word', 'second-word']) {
      const urls = await setUp(given(word), log);
      expect(Object.keys(urls)).toEqual(['auth', 'engine', 'notifier', 'gateway']);
      for (const url of Object.values(urls)) {
        expect(decodeURIComponent(new URL(url).password)).toContain(word);
        expect(await tablesOf(url)).toBeGreaterThan(2);
      }
    }
  });

  it('refuses short passwords by name', () => {
    const parsed = setupConfig.safeParse({ ...given('first-word'), ENGINE_PASSWORD: 'short' });
    expect(parsed.error?.issues.map(({ path }) => path)).toEqual([['ENGINE_PASSWORD']]);
  });
});
