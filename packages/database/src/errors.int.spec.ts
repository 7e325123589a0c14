import { readFile } from 'node:fs/promises';
import { createTestDatabase, startReceiver, type TestDatabase } from '@handover/testkit';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.js';
import { isConnectionFailure, isSerializationFailure, isUniqueViolation } from './errors.js';

let test: TestDatabase;
let database: Database<{ account: { id: number; email: string } }>;

beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase({ url: test.adminUrl, applicationName: 'errors' });
  await sql`create table account (id int primary key, email text unique)`.execute(database.db);
  await sql`insert into account values (1, 'a'), (2, 'b')`.execute(database.db);
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

const kinds = (error: unknown) => ({
  unique: isUniqueViolation(error),
  serialization: isSerializationFailure(error),
  connection: isConnectionFailure(error),
});
const none = { unique: false, serialization: false, connection: false };
const failure = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'no failure',
    (error: unknown) => error,
  );

describe('a database error is told apart', () => {
  it('as a key that is taken, by the name of its constraint', async () => {
    const error = await failure(sql`insert into account values (3, 'a')`.execute(database.db));
    expect(kinds(error)).toEqual({ ...none, unique: true });
    expect(isUniqueViolation(error, 'account_email_key')).toBe(true);
    expect(isUniqueViolation(error, 'account_pkey')).toBe(false);
    expect(isUniqueViolation(new Error('cannot register', { cause: error }), 'account_email_key')).toBe(true);
  });

  it('as two transactions that cannot both be right', async () => {
    const write = (id: number) => sql`update account set email = email || '!' where id = ${id}`;
    const { db } = database;
    const error = await failure(
      db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute(async (tx) => {
          await sql`select * from account`.execute(tx);
          await write(1).execute(db);
          await write(1).execute(tx);
        }),
    );
    expect(kinds(error)).toEqual({ ...none, serialization: true });
  });

  it.each(['disk_full', 'out_of_memory', 'too_many_connections'])('as a server without room: %s', async (condition) => {
    const error = await failure(sql.raw(`do $$ begin raise ${condition}; end $$`).execute(database.db));
    expect(kinds(error)).toEqual({ ...none, connection: true });
  });

  it('as a server that cannot be reached, or is no database', async () => {
    const receiver = await startReceiver();
    for (const url of [
      'postgres://x@127.0.0.1:1/x',
      'postgres://x@localhost:1/x',
      'postgres://x@does-not-exist.invalid/x',
    ]) {
      const unreachable = openDatabase({ url, applicationName: 'errors' });
      expect(kinds(await failure(unreachable.ready()))).toEqual({ ...none, connection: true });
      await unreachable.close();
    }
    await receiver.close();
  });

  it('as a server that accepts and stays silent', async () => {
    const receiver = await startReceiver({ script: ['hang'] });
    const silent = openDatabase({
      url: `${receiver.url.replace('http', 'postgres')}/x`,
      applicationName: 'errors',
      connectTimeoutMs: 100,
    });
    expect(kinds(await failure(silent.ready()))).toEqual({ ...none, connection: true });
    await silent.close();
    await receiver.close();
  });

  it('as none of these: wrong SQL, refused password, anything else', async () => {
    expect(kinds(await failure(sql`select nonsense`.execute(database.db)))).toEqual(none);
    expect(kinds(await failure(readFile('/does/not/exist')))).toEqual(none);
    expect(kinds('text')).toEqual(none);
    const circular = new Error('circular');
    circular.cause = circular;
    expect(kinds(circular)).toEqual(none);
  });
});
