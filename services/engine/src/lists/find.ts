import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import type { Criterion } from './criteria.js';
import {
  NAMED,
  OUTPUT,
  every,
  holdsIn,
  isAmong,
  isFetchable,
  membersOf,
  namedBy,
  selected,
  withTerm,
  type Members,
} from './members.js';
import { behind, orderBy, type Order, type OrderKey, type Place } from './order.js';
import { EVERY } from './terms.js';
import { walk, type Walk } from './walk.js';

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

/** A process that was found, with what the list is sorted by. */
export type Found = { readonly id: string } & Readonly<Partial<Record<OrderKey, string>>>;

/** How many rows of an index are read before another way is taken; each way in turn, with more and more. */
export interface Effort {
  /** What a criterion leaves is fetched and sorted when it is no more … */
  readonly few: number;
  /** … or, where no index has it in the order of a list, no more than these … */
  readonly fewAstray: number;
  /** … and in any case no more than these where each has to be looked up to be sorted. */
  readonly fewToLookUp: number;
  /** So many are walked in the order of the list, and held against the other criteria one by one. */
  readonly walk: number;
}

const ALWAYS = { fewAstray: 10_000, fewToLookUp: 3_000 };

/** What is found at all is found with the first, nearly always. The last bounds what is tried in vain to some 50 ms. */
export const EFFORTS: readonly Effort[] = [
  { ...ALWAYS, few: 1_000, walk: 1_000 },
  { ...ALWAYS, few: 10_000, walk: 10_000 },
];

/**
 * The processes of one page. Where one criterion leaves few they are fetched and sorted; where many match, a short walk in
 * the order of the list fills the page. Only where many fit each criterion and hardly any fit all is everything read that
 * fits any: up to two seconds per million processes.
 */
export async function findPage(tx: Tx, search: Search, efforts: readonly Effort[]): Promise<Found[]> {
  await lookUpRowByRow(tx);
  const way = walk(search);
  for (const effort of efforts) {
    const few = await fewest(tx, search.criteria, search.order, effort);
    if (few) return fetch(tx, few, search);
    const found = await findByWalk(tx, search, way, effort);
    if (found) return found;
  }
  return intersect(tx, search);
}

/** How many there are. */
export async function countAll(tx: Tx, criteria: readonly Criterion[], efforts: readonly Effort[]): Promise<number> {
  await lookUpRowByRow(tx);
  const effort = efforts.at(-1);
  const few = effort && (await fewest(tx, criteria, [], effort));
  const count = async (found: Sql): Promise<number> => {
    const { rows } = await sql<{ count: number }>`select count(*) as count from (${found}) found`.execute(tx);
    return rows[0]?.count ?? 0;
  };
  return few ? count(fewThatFit(few, criteria)) : readingWhole(tx, () => count(allOf(criteria, [])));
}

function fewThatFit({ criterion, members: { from, where, columns } }: Few, criteria: readonly Criterion[]): Sql {
  const rest = others(criteria, criterion).map((one) => holdsIn(one, columns));
  return sql`select distinct ${columns.id} from ${from} where ${every([where, ...rest])}`;
}

interface Few {
  readonly criterion: Criterion;
  readonly members: Members;
}

/** The criterion that alone leaves the fewest, if these are few. */
async function fewest(
  tx: Tx,
  criteria: readonly Criterion[],
  order: Order,
  { few, fewAstray, fewToLookUp }: Effort,
): Promise<Few | undefined> {
  const candidates = criteria.filter(isFetchable).map((criterion) => {
    const members = membersOf(criterion);
    const most = criterion.kind === 'prefix' || criterion.kind === 'state' ? fewAstray : few;
    const isToLookUp = order.some(({ key }) => key === members.lacks.key);
    return { criterion, members, limit: isToLookUp ? Math.min(most, fewToLookUp) : most };
  });
  if (candidates.length === 0) return undefined;
  const counts = candidates.map(
    ({ members: { from, where }, limit }) =>
      sql`(select count(*) from (select from ${from} where ${where} limit ${limit + 1}) counted)::int`,
  );
  const { rows } = await sql<{ counts: number[] }>`select array[${sql.join(counts)}] as counts`.execute(tx);
  return candidates
    .map((candidate, at) => ({ ...candidate, count: rows[0]?.counts[at] ?? Infinity }))
    .filter(({ count, limit }) => count <= limit)
    .sort((a, b) => a.count - b.count)[0];
}

/** Sorts all that a criterion leaves, then holds one after the other against the rest until the page is full. */
function fetch(tx: Tx, { criterion, members }: Few, search: Search): Promise<Found[]> {
  const { order, place } = search;
  const { from, where, columns, isRepeated } = members;
  return page(
    tx,
    sql`
      select ${isRepeated ? sql`distinct` : sql``} ${selected(order, columns)} from ${from}
      where ${every([where, ...(place ? [behind(order, place, columns)] : [])])}`,
    { ...search, criteria: others(search.criteria, criterion) },
  );
}

/** @returns undefined when the walk ended before the page was full, and there may be more behind */
async function findByWalk(tx: Tx, search: Search, way: Walk, effort: Effort): Promise<Found[] | undefined> {
  const rows = way.reach(effort.walk);
  if (rows === undefined) return undefined;
  const end = way.rest.length === 0 && way.isInOrder ? undefined : await way.endAfter(tx, rows);
  const found = await page(tx, way.rows(rows, end), { ...search, criteria: way.rest });
  return found.length === search.limit || end === undefined ? found : undefined;
}

/** A page of rows, in the list's order: what is sorted is held against the criteria only as far as it takes. */
async function page(tx: Tx, rows: Sql, { criteria, order, offset, limit }: Search): Promise<Found[]> {
  const sorted = orderBy(order, OUTPUT);
  const found = await sql<Found>`
    select * from (${rows} order by ${sorted}) found
    where ${every(criteria.map((criterion) => holdsIn(criterion, namedBy(order))))}
    order by ${sorted} limit ${limit} offset ${offset}
  `.execute(tx);
  return found.rows;
}

/** Reads all there is to each criterion. */
function intersect(tx: Tx, { criteria, order, place, offset, limit }: Search): Promise<Found[]> {
  return readingWhole(tx, async () => {
    const found = await sql<Found>`
      select * from (${allOf(criteria, order)}) found
      ${place ? sql`where ${behind(order, place, NAMED)}` : sql``}
      order by ${orderBy(order, NAMED)} limit ${limit} offset ${offset}
    `.execute(tx);
    return found.rows;
  });
}

/** What there is to read all of: rather what tells most, and what an index has with the times that may be asked for too. */
const BASES = ['terms', 'prefix', 'state', 'created', 'updated'] as const;

function allOf(criteria: readonly Criterion[], order: Order): Sql {
  const base = BASES.flatMap((kind) => criteria.find((criterion) => criterion.kind === kind) ?? [])[0];
  const { from, where, columns, isRepeated, lacks } = base ? membersOf(base) : withTerm([EVERY]);
  const isJoined = order.some(({ key }) => key === lacks.key);
  return sql`
    select ${isRepeated ? sql`distinct` : sql``}
      ${selected(order, isJoined ? { ...columns, [lacks.key]: lacks.joined } : columns)}
    from ${from} ${isJoined ? lacks.join : sql``}
    where ${every([where, ...others(criteria, base).map((one) => isAmong(one, columns))])}`;
}

const others = (criteria: readonly Criterion[], one: Criterion | undefined): Criterion[] =>
  criteria.filter((criterion) => criterion !== one);

/**
 * The planner does not know how few rows fill a page, and would read and hash all of a popular term. Here everything is
 * looked up row by row, in the order of an index.
 */
const lookUpRowByRow = (tx: Tx): Promise<void> => setPlanner(tx, { nestloop: 'on', hashjoin: 'off' }, '4MB');

/** The opposite, for one piece of work: many rows are wanted of each index, and none is worth being looked up. */
async function readingWhole<Result>(tx: Tx, work: () => Promise<Result>): Promise<Result> {
  await setPlanner(tx, { nestloop: 'off', hashjoin: 'on' }, '64MB');
  const result = await work();
  await lookUpRowByRow(tx);
  return result;
}

type Switch = 'on' | 'off';

async function setPlanner(tx: Tx, joins: { nestloop: Switch; hashjoin: Switch }, memory: string): Promise<void> {
  await sql`
    select set_config('enable_nestloop', ${joins.nestloop}, true), set_config('enable_hashjoin', ${joins.hashjoin}, true),
      set_config('work_mem', ${memory}, true), set_config('enable_mergejoin', 'off', true),
      set_config('enable_hashagg', ${joins.hashjoin}, true),
      set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('jit', 'off', true)
  `.execute(tx);
}
