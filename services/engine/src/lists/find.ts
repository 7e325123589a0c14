import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import type { Criterion } from './criteria.js';
import { behind, orderBy, type Columns, type Order, type Place } from './order.js';
import { EVERY } from './terms.js';

type Tx = Transaction<EngineSchema>;
type Sql = RawBuilder<unknown>;

/** Which part of which list is wanted. */
export interface Search {
  /** All of them hold. The more telling ones first. */
  readonly criteria: readonly Criterion[];
  readonly order: Order;
  readonly place: Place | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** A process that was found, and where it stands. */
export interface Found {
  readonly id: string;
  readonly title: string;
  readonly created: string;
  readonly updated: string;
}

/** How much is read before another way is taken. */
export interface Effort {
  /** So many processes are read and sorted in a few milliseconds: fewer than these are fetched, more are walked in order. */
  readonly few: number;
  /** Nothing but the row of a process tells its state: more are fetched before all are walked to find those in one. */
  readonly fewInState: number;
  /** No index has what begins alike in order: more are fetched before all are walked. */
  readonly fewByPrefix: number;
  /** Terms do not say when a process was last updated: by that, more are fetched before all are walked by their update … */
  readonly fewToOrderByUpdate: number;
  /** … and when the latest so many hold too few that are wanted, they are fetched after all. */
  readonly longestWalk: number;
}

export const EFFORT: Effort = {
  few: 1_000,
  fewInState: 3_000,
  fewByPrefix: 10_000,
  fewToOrderByUpdate: 2_000,
  longestWalk: 20_000,
};

/** Most lists that are read side by side and merged. */
const MOST_STREAMS = 50;

/**
 * The processes of one page. However it is asked for, no more is read than what one criterion alone leaves, when that
 * is little, or than what it takes to fill the page in order.
 */
export async function findPage(tx: Tx, search: Search, effort: Effort): Promise<Found[]> {
  const byUpdate = search.order[0]?.key === 'updated';
  await lookUpRowByRow(tx);
  const few = await firstOfFew(tx, search.criteria, byUpdate ? { ...effort, few: effort.fewToOrderByUpdate } : effort);
  if (few) return fetchFew(tx, few, search);
  if (!byUpdate) return walkByTerm(tx, search);
  const telling = search.criteria.find(isFetchable);
  const found = await walkByUpdate(tx, search, telling ? sql`limit ${effort.longestWalk}` : sql``);
  return found.length < search.limit && telling ? fetchFew(tx, telling, search) : found;
}

/** How many there are. */
export async function countAll(tx: Tx, criteria: readonly Criterion[], effort: Effort): Promise<number> {
  const few = await firstOfFew(tx, criteria, effort);
  const columns = { process: sql.ref('d.process'), created: sql.ref('d.created_at') };
  const source = few
    ? sql`(${processesOf(few)}) few join process_terms d on d.process = few.process`
    : sql`process_terms d`;
  const counted = await sql<{ count: number }>`
    select count(distinct d.process) as count from ${source} where d.term = ${EVERY} and ${all(criteria, columns)}
  `.execute(tx);
  return counted.rows[0]?.count ?? 0;
}

/** A criterion that alone leaves few: the first that leaves very few, else the one that leaves the fewest. */
async function firstOfFew(
  tx: Tx,
  criteria: readonly Criterion[],
  effort: Pick<Effort, 'few' | 'fewInState' | 'fewByPrefix'>,
): Promise<Criterion | undefined> {
  const limits: Partial<Record<Criterion['kind'], number>> = { state: effort.fewInState, prefix: effort.fewByPrefix };
  let fewest: { readonly criterion: Criterion; readonly count: number } | undefined;
  for (const criterion of criteria.filter(isFetchable)) {
    const few = limits[criterion.kind] ?? effort.few;
    const counted = await sql<{ count: number }>`
      select count(*) as count from (${processesOf(criterion)} limit ${few + 1}) narrowed
    `.execute(tx);
    const count = counted.rows[0]?.count ?? 0;
    if (count <= effort.few) return criterion;
    if (count <= few && count < (fewest?.count ?? Infinity)) fewest = { criterion, count };
  }
  return fewest?.criterion;
}

const isFetchable = (criterion: Criterion): boolean => criterion.kind !== 'incident' || criterion.open;

/** The processes a criterion leaves; some of them more than once. */
function processesOf(criterion: Criterion): Sql {
  switch (criterion.kind) {
    case 'terms':
      return sql`select process from process_terms where term = any(${[...criterion.terms]}::text[])`;
    case 'prefix':
      return sql`select process from process_terms where ${begins(sql.ref('term'), criterion.prefix)}`;
    case 'created':
      return sql`select process from process_terms where term = ${EVERY} and ${within(sql.ref('created_at'), criterion)}`;
    case 'updated':
      return sql`select id as process from processes where ${within(sql.ref('updated_at'), criterion)}`;
    case 'state':
      return sql`select id as process from processes where state = ${criterion.state}`;
    case 'incident':
      return sql`select process from incidents where closed_at is null`;
  }
}

/** Reads all that a criterion leaves, and sorts what of it is wanted. */
async function fetchFew(tx: Tx, few: Criterion, search: Search): Promise<Found[]> {
  const columns = COLUMNS.d;
  const found = await sql<Found>`
    with few as materialized (select distinct process from (${processesOf(few)}) narrowed)
    select ${selected(columns)}
    from few
    join process_terms d on d.process = few.process and d.term = ${EVERY}
    where ${conditions(search, columns)}
    order by ${orderBy(search.order, columns)}
    limit ${search.limit} offset ${search.offset}
  `.execute(tx);
  return found.rows;
}

/** Reads the index of one criterion's terms in order, as far as it takes. */
async function walkByTerm(tx: Tx, search: Search): Promise<Found[]> {
  const telling = search.criteria.find(
    (criterion) => criterion.kind === 'terms' && criterion.terms.length <= MOST_STREAMS,
  );
  const terms = telling?.kind === 'terms' ? telling.terms : [EVERY];
  const rest = { ...search, criteria: search.criteria.filter((criterion) => criterion !== telling) };
  const columns = COLUMNS.d;
  const streams = terms.map(
    (term) => sql`(
      select ${selected(columns)}
      from process_terms d
      where d.term = ${term} and ${conditions(rest, columns)}
      order by ${orderBy(search.order, columns)}
      limit ${search.offset + search.limit}
    )`,
  );
  const merged: Columns = {
    title: sql.ref('title'),
    created: sql.ref('created'),
    updated: sql.ref('updated'),
    id: sql.ref('id'),
  };
  const found = await sql<Found>`
    select distinct id, title, created, updated from (${sql.join(streams, sql` union all `)}) streams
    order by ${orderBy(search.order, merged)}
    limit ${search.limit} offset ${search.offset}
  `.execute(tx);
  return found.rows;
}

/** Looks at the processes in the order of their updates, as far as it makes sense. */
async function walkByUpdate(tx: Tx, search: Search, atMost: Sql): Promise<Found[]> {
  const columns = COLUMNS.p;
  const [first] = search.order;
  if (!first) return [];
  const rest = search.criteria.filter(({ kind }) => kind !== 'updated');
  const ranges = search.criteria.flatMap((one) => (one.kind === 'updated' ? within(sql.ref('updated_at'), one) : []));
  const start = search.place
    ? [sql`updated_at ${first.descending ? sql`<=` : sql`>=`} ${search.place.values[0]}::timestamptz`]
    : [];
  const direction = first.descending ? sql`desc` : sql`asc`;
  const found = await sql<Found>`
    select ${selected(columns)}
    from (
      select id, created_at, updated_at from processes
      where ${sql.join([sql`true`, ...ranges, ...start], sql` and `)}
      order by updated_at ${direction}, id ${direction}
      ${atMost}
    ) p
    where ${conditions({ ...search, criteria: rest }, columns)}
    order by ${orderBy(search.order, columns)}
    limit ${search.limit} offset ${search.offset}
  `.execute(tx);
  return found.rows;
}

/**
 * The planner does not know how few rows fill a page, and would read and hash all of a popular term. Here everything is
 * looked up row by row, in the order of an index.
 */
async function lookUpRowByRow(tx: Tx): Promise<void> {
  await sql`
    select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
      set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('jit', 'off', true)
  `.execute(tx);
}

/**
 * Where the columns are when rows of `process_terms` (`d`) or of `processes` (`p`) are walked. What the other table has is
 * looked up for the rows that are shown, not joined to those that are passed by.
 */
const COLUMNS: Readonly<Record<'d' | 'p', Columns>> = {
  d: {
    id: sql.ref('d.process'),
    title: sql.ref('d.title'),
    created: sql.ref('d.created_at'),
    updated: sql`(select updated_at from processes u where u.id = d.process)`,
  },
  p: {
    id: sql.ref('p.id'),
    title: sql`(select title from process_terms t where t.process = p.id and t.term = ${EVERY})`,
    created: sql.ref('p.created_at'),
    updated: sql.ref('p.updated_at'),
  },
};

const selected = ({ id, title, created, updated }: Columns): Sql =>
  sql`${id} as id, ${title} as title, ${created} as created, ${updated} as updated`;

function conditions({ criteria, order, place }: Pick<Search, 'criteria' | 'order' | 'place'>, columns: Columns): Sql {
  const holds = all(criteria, { process: columns.id, created: columns.created });
  return place ? sql`${holds} and ${behind(order, place, columns)}` : holds;
}

interface Subject {
  readonly process: Sql;
  readonly created: Sql;
}

function all(criteria: readonly Criterion[], subject: Subject): Sql {
  return sql.join([sql`true`, ...criteria.map((criterion) => condition(criterion, subject))], sql` and `);
}

/** A look-up for one row. Not `exists`, which the planner would turn into a join with all of a term. */
function condition(criterion: Criterion, { process, created }: Subject): Sql {
  switch (criterion.kind) {
    case 'terms':
      return sql`(
        select true from process_terms t where t.process = ${process} and t.term = any(${[...criterion.terms]}::text[]) limit 1
      )`;
    case 'prefix':
      return sql`(
        select true from process_terms t where t.process = ${process} and ${begins(sql.ref('t.term'), criterion.prefix)} limit 1
      )`;
    case 'created':
      return within(created, criterion);
    case 'updated':
      return sql`(select ${within(sql.ref('u.updated_at'), criterion)} from processes u where u.id = ${process})`;
    case 'state':
      return sql`(select i.state = ${criterion.state} from processes i where i.id = ${process})`;
    case 'incident':
      return sql`(select i.incident = ${criterion.open} from processes i where i.id = ${process})`;
  }
}

/** All that begins with a prefix is a range; nothing sorts behind the last code point. */
const begins = (column: Sql, prefix: string): Sql =>
  sql`${column} >= ${prefix} and ${column} < ${`${prefix}\u{10FFFF}`}`;

function within(
  column: Sql,
  { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
): Sql {
  const bounds = [
    ...(from === undefined ? [] : [sql`${column} >= ${from}::timestamptz`]),
    ...(to === undefined ? [] : [sql`${column} < ${to}::timestamptz`]),
  ];
  return sql.join(bounds, sql` and `);
}
