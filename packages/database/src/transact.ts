import type { Writable } from 'node:stream';
import type pg from 'pg';

/** A statement with its bound parameters, as the query builder's `compile()` gives it. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** One that is run again and again: it is parsed once per connection under this name. Always the same text. */
  readonly name?: string;
}

/** Settings that hold for one transaction, by name; such as {@link tenantScope}. */
export type Scope = Readonly<Record<string, string>>;

/** The rows that each statement returned, in the order of the statements. */
export type Returned = readonly (readonly unknown[])[];

/** A client has its connection, though its types do not say so. */
interface Connected {
  readonly connection: { readonly stream: Writable };
}

/**
 * Runs statements as one transaction without waiting in between: they are sent together, so the whole of it takes one round
 * trip. What a statement needs to know of one before it has to be written in SQL.
 * @returns after the commit
 * @throws the error of the first statement that failed; nothing was written then. After a lost connection that is unknown.
 */
export async function transact(pool: pg.Pool, scope: Scope, statements: readonly Statement[]): Promise<Returned> {
  const client = await pool.connect();
  let failure: unknown;
  try {
    // Written at once: every write of its own would wake the server for a part of the work.
    const { stream } = (client as unknown as Connected).connection;
    stream.cork();
    process.nextTick(() => stream.uncork());
    const sent = [client.query('begin'), client.query(settingsOf(scope))];
    const results = statements.map(({ name, sql, parameters }) =>
      client.query({ text: sql, values: [...parameters], ...(name !== undefined && { name }) }),
    );
    const committed = client.query('commit');
    await settled([...sent, ...results, committed]);
    // A transaction that failed is rolled back, and says so, when it is told to commit.
    const { command } = await committed;
    if (command !== 'COMMIT') throw new Error(`the transaction ended with ${command}`);
    return (await Promise.all(results)).map(({ rows }) => rows as readonly unknown[]);
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    // What failed may have left a statement half prepared; a connection costs little, and this is rare.
    client.release(failure !== undefined);
  }
}

function settingsOf(scope: Scope): pg.QueryConfig {
  const entries = Object.entries(scope);
  const calls = entries.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, true)`);
  return { name: `settings_${entries.length}`, text: `select ${calls.join(', ')}`, values: entries.flat() };
}

/** Waits for all of them. @throws the reason of the first, in their order, that failed: the others failed of it */
async function settled(sent: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(sent)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
