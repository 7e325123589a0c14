import { createTestDatabase, Recording, type TestDatabase } from '@handover/testkit';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from './database.js';
import { isConnectionFailure } from './errors.js';
import { jsonb } from './json.js';

let test: TestDatabase<'engine'>;

beforeAll(async () => {
  test = await createTestDatabase({ services: ['engine'] });
});
afterAll(() => test.drop());

const open = (options: { statementTimeoutMs?: number; poolSize?: number; log?: Log } = {}) =>
  openDatabase<Record<never, never>>({
    url: test.services.engine.runtimeUrl,
    applicationName: 'database test',
    ...options,
  });

interface Log {
  info(): void;
  warn(fields: object, message: string): void;
}

async function value(expression: string): Promise<unknown> {
  const { db, close } = open();
  const { rows } = await sql<{ value: unknown }>`select ${sql.raw(expression)} as value`.execute(db);
  await close();
  return rows[0]?.value;
}

describe('a column value', () => {
  it.each([
    [`'2025-01-31 10:30:00.1+01'::timestamptz`, '2025-01-31T09:30:00.100Z'],
    [`'infinity'::timestamptz`, 'infinity'],
    [`'2025-01-31'::date`, '2025-01-31'],
    [`'2025-01-31 10:30'::timestamp`, '2025-01-31 10:30:00'],
    [`9007199254740991::bigint`, 9007199254740991],
    [`(select count(*) from generate_series(1, 3))`, 3],
    [`1.10::numeric`, '1.10'],
    [`'{"a": [1, null]}'::jsonb`, { a: [1, null] }],
    [`array[1, null, 3]::bigint[]`, [1, null, 3]],
    [`array[['2025-01-31 00:00Z'::timestamptz]]`, [['2025-01-31T00:00:00.000Z']]],
    [`null::bigint`, null],
  ])('%s is read as %j', async (expression, expected) => {
    expect(await value(expression)).toEqual(expected);
  });

  it('that no number can hold fails the query instead of being rounded', async () => {
    await expect(value('9007199254740993::bigint')).rejects.toThrow(RangeError);
  });

  it.each([[[1, 'two', null]], ['text'], [null], [{ a: { b: [] } }]])('%j survives a jsonb column', async (written) => {
    const { db, close } = open();
    const { rows } = await sql<{ value: unknown }>`select ${jsonb(written)} as value`.execute(db);
    await close();
    expect(rows).toEqual([{ value: written }]);
  });
});

describe('an open database', () => {
  it('is ready while the server answers, and closes twice as well as once', async () => {
    const { ready, close } = open();
    await ready();
    await Promise.all([close(), close()]);
    await expect(ready()).rejects.toThrow();
  });

  it('is opened while the server is away, and says so when asked', async () => {
    const url = 'postgres://nobody:secret@127.0.0.1:1/none';
    const { ready, close } = openDatabase({ url, applicationName: 'test' });
    const failure = await ready().catch((error: unknown) => error);
    expect(isConnectionFailure(failure)).toBe(true);
    expect(String(failure)).not.toContain('secret');
    await close();
  });

  it('ends a statement that takes too long', async () => {
    const { db, close } = open({ statementTimeoutMs: 50 });
    await expect(sql`select pg_sleep(60)`.execute(db)).rejects.toMatchObject({ code: '57014' });
    await close();
  });

  it('outlives the loss of a connection, idle or amid a transaction, and reports each once', async () => {
    const lost = new Recording<string>('warnings');
    const log: Log = {
      info: () => undefined,
      warn: (_fields, message) => {
        lost.record(message);
      },
    };
    const { db, ready, close } = open({ poolSize: 2, log });
    await Promise.all([ready(), ready()]);
    const failure = await db
      .transaction()
      .execute(async (tx) => {
        await sql`select 1`.execute(tx);
        await terminateAll();
        await lost.nth(2);
        await sql`select 1`.execute(tx);
      })
      .catch((error: unknown) => error);
    expect(isConnectionFailure(failure)).toBe(true);
    await ready();
    expect(lost.items).toHaveLength(2);
    await close();
  });
});

/** As an operator would: ends every session of the runtime role. */
async function terminateAll(): Promise<void> {
  const admin = openDatabase({ url: test.adminUrl, applicationName: 'operator' });
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name = 'database test'`.execute(admin.db);
  await admin.close();
}
