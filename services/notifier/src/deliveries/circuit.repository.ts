import { sql, type Kysely, type Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';

type Tx = Transaction<NotifierSchema>;

/** So many failures in a row open a circuit. */
const OPENS_AT = 10;
const FIRST_PAUSE_S = 10;
const LONGEST_PAUSE_S = 600;

/** A target failed once more. After ten times in a row it is left alone: for 10 s, then twice as long each time, up to 10 min. */
export async function countFailure(tx: Tx, target: string): Promise<void> {
  const next = sql`circuits.failures + 1`;
  const pause = sql`least(${LONGEST_PAUSE_S}, ${FIRST_PAUSE_S} * 2 ^ least(10, ${next} - ${OPENS_AT})) * interval '1 second'`;
  await sql`
    insert into circuits (target, failures) values (${target}, 1)
    on conflict (target) do update set
      failures = ${next}, open_until = case when ${next} >= ${OPENS_AT} then now() + ${pause} end`.execute(tx);
}

/** A target works again, or is to be tried at once. */
export async function closeCircuit(tx: Tx, target: string): Promise<void> {
  await tx.deleteFrom('circuits').where('target', '=', target).execute();
}

/** How many targets are left alone just now. */
export async function countOpenCircuits(db: Kysely<NotifierSchema>): Promise<number> {
  const { count } = await db
    .selectFrom('circuits')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('open_until', '>', sql<string>`now()`)
    .executeTakeFirstOrThrow();
  return count;
}

/** How long nothing has got through to a target, in milliseconds; 0 when it did not fail lately. */
export async function failingFor(tx: Tx, target: string): Promise<number> {
  const row = await tx
    .selectFrom('circuits')
    .select(sql<number>`(extract(epoch from now() - failing_since) * 1000)::float8`.as('ms'))
    .where('target', '=', target)
    .executeTakeFirst();
  return row?.ms ?? 0;
}

export interface Circuit {
  readonly failures: number;
  /** ISO 8601; null while it is closed. */
  readonly open_until: string | null;
}

/** How the targets among these stand that failed lately. */
export async function findCircuits(
  db: Kysely<NotifierSchema>,
  targets: readonly string[],
): Promise<Map<string, Circuit>> {
  if (targets.length === 0) return new Map();
  const rows = await db
    .selectFrom('circuits')
    .select(['target', 'failures', 'open_until'])
    .where('target', 'in', targets)
    .execute();
  return new Map(rows.map(({ target, ...circuit }) => [target, circuit]));
}
