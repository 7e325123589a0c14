import { CompiledQuery, sql, type Kysely, type Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';

type Tx = Transaction<NotifierSchema>;

/** So many failures in a row open a circuit. */
const OPENS_AT = 10;
const FIRST_PAUSE_S = 10;
const LONGEST_PAUSE_S = 600;

/** When a target is tried again that failed so often in a row. */
const openUntil = (failures: string): string => `
  case when ${failures} >= ${OPENS_AT} then
    now() + least(${LONGEST_PAUSE_S}, ${FIRST_PAUSE_S} * 2 ^ least(10, ${failures} - ${OPENS_AT})) * interval '1 second'
  end`;

/**
 * Targets failed once more. After ten times in a row one is left alone: for 10 s, then twice as long each time, up to 10 min.
 * @param failed SQL that has a row, with its `target`, for each failure
 */
export const countingFailures = (failed: string): string => `
  insert into circuits (target, failures, open_until)
  select target, count(*), ${openUntil('count(*)')} from (${failed}) failed group by target order by target
  on conflict (target) do update set
    failures = circuits.failures + excluded.failures,
    open_until = ${openUntil('(circuits.failures + excluded.failures)')}`;

/** A target failed once more; see {@link countingFailures}. */
export async function countFailure(tx: Tx, target: string): Promise<void> {
  await tx.executeQuery(CompiledQuery.raw(countingFailures('select $1::text as target'), [target]));
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
