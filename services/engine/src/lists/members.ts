import { sql, type RawBuilder } from 'kysely';
import type { Criterion } from './criteria.js';
import type { Columns, Order, OrderKey } from './order.js';
import { EVERY } from './terms.js';

type Sql = RawBuilder<unknown>;

/** Rows that stand for processes, one narrow row each, read off one index; their table is called `m`. */
export interface Members {
  readonly from: Sql;
  readonly where: Sql;
  readonly columns: Columns;
  /** What lists are sorted by and the rows do not tell: it is looked up row by row, or joined where all are read. */
  readonly lacks: { readonly key: OrderKey; readonly join: Sql; readonly joined: Sql };
  /** A process may be among them more than once. */
  readonly isRepeated: boolean;
}

const TERMS: Omit<Members, 'where' | 'isRepeated'> = {
  from: sql`process_terms m`,
  columns: {
    id: sql.ref('m.process'),
    title: sql.ref('m.title'),
    created: sql.ref('m.created_at'),
    updated: sql`(select updated_at from processes u where u.id = m.process)`,
  },
  lacks: { key: 'updated', join: sql`join processes u on u.id = m.process`, joined: sql.ref('u.updated_at') },
};

const PROCESSES: Omit<Members, 'where' | 'isRepeated'> = {
  from: sql`processes m`,
  columns: {
    id: sql.ref('m.id'),
    title: sql`(select title from process_terms t where t.process = m.id and t.term = ${EVERY})`,
    created: sql.ref('m.created_at'),
    updated: sql.ref('m.updated_at'),
  },
  lacks: {
    key: 'title',
    join: sql`join process_terms u on u.process = m.id and u.term = ${EVERY}`,
    joined: sql.ref('u.title'),
  },
};

/** An incident ends with the move of its process, whether or not that closed its row. */
const OPEN = sql`i.closed_at is null and m.incident`;

/** Whether the processes a criterion leaves can be told from an index. */
export const isFetchable = (criterion: Criterion): boolean => criterion.kind !== 'incident' || criterion.open;

/** The processes a criterion leaves. @param criterion one that {@link isFetchable} */
export function membersOf(criterion: Criterion): Members {
  switch (criterion.kind) {
    case 'terms':
      return withTerm(criterion.terms);
    case 'prefix':
      return { ...TERMS, where: begins(sql.ref('m.term'), criterion.prefix), isRepeated: true };
    case 'created':
      return {
        ...TERMS,
        where: sql`m.term = ${EVERY} and ${within(sql.ref('m.created_at'), criterion)}`,
        isRepeated: false,
      };
    case 'updated':
      return { ...PROCESSES, where: within(sql.ref('m.updated_at'), criterion), isRepeated: false };
    case 'state':
      return { ...PROCESSES, where: sql`m.state = ${criterion.state}`, isRepeated: false };
    case 'incident':
      return {
        ...PROCESSES,
        from: sql`incidents i join processes m on m.id = i.process`,
        where: OPEN,
        isRepeated: false,
      };
  }
}

/** The processes that have one of the terms. */
export function withTerm(terms: readonly string[]): Members {
  const [term] = terms;
  // Equality with one term, unlike `any`, is in the order of the index.
  if (terms.length === 1) return { ...TERMS, where: sql`m.term = ${term}`, isRepeated: false };
  return { ...TERMS, where: sql`m.term = any(${[...terms]}::text[])`, isRepeated: true };
}

/** All processes, told from when they were updated. */
export const byUpdate: Members = { ...PROCESSES, where: sql`true`, isRepeated: false };

/** Id and sort keys of rows, as {@link NAMED} refers to them in a sub-select that is called `found`. */
export const selected = (order: Order, columns: Columns): Sql =>
  sql.join([sql`${columns.id} as id`, ...order.map(({ key }) => sql`${columns[key]} as ${sql.ref(key)}`)]);

/** The same in the `order by` of the very statement. */
export const OUTPUT: Columns = {
  id: sql.ref('id'),
  title: sql.ref('title'),
  created: sql.ref('created'),
  updated: sql.ref('updated'),
};

/** The columns that {@link selected} leaves for an order. */
export const namedBy = (order: Order): Pick<Columns, 'id'> & Partial<Columns> => ({
  id: NAMED.id,
  ...Object.fromEntries(order.map(({ key }) => [key, NAMED[key]])),
});

export const NAMED: Columns = {
  id: sql.ref('found.id'),
  title: sql.ref('found.title'),
  created: sql.ref('found.created'),
  updated: sql.ref('found.updated'),
};

/**
 * That a criterion holds for a row: in itself, or by a look-up of one other. Not `exists`, which the planner would turn into a
 * join with all.
 * @param columns those the row has
 */
export function holdsIn(criterion: Criterion, columns: Pick<Columns, 'id'> & Partial<Columns>): Sql {
  const process = columns.id;
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
    case 'updated': {
      const column = columns[criterion.kind];
      if (column) return within(column, criterion);
      const other = sql.ref(`p.${criterion.kind}_at`);
      return sql`(select ${within(other, criterion)} from processes p where p.id = ${process})`;
    }
    case 'state':
      return sql`(select p.state = ${criterion.state} from processes p where p.id = ${process})`;
    case 'incident':
      return sql`(select p.incident = ${criterion.open} from processes p where p.id = ${process})`;
  }
}

/**
 * That a row's process is among those a criterion leaves, which are all read: for one row dear, for many at once cheap.
 */
export function isAmong(criterion: Criterion, row: Columns): Sql {
  if (criterion.kind === 'created') return holdsIn(criterion, row);
  if (!isFetchable(criterion)) {
    return sql`${row.id} not in (select m.id from incidents i join processes m on m.id = i.process where ${OPEN})`;
  }
  const { from, where, columns } = membersOf(criterion);
  return sql`${row.id} in (select ${columns.id} from ${from} where ${where})`;
}

/** Conditions that hold together. */
export const every = (conditions: readonly Sql[]): Sql => sql.join([sql`true`, ...conditions], sql` and `);

/** All that begins with a prefix is a range; nothing sorts behind the last code point. */
const begins = (column: Sql, prefix: string): Sql =>
  sql`${column} >= ${prefix} and ${column} < ${`${prefix}\u{10FFFF}`}`;

function within(
  column: Sql,
  { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
): Sql {
  return every([
    ...(from === undefined ? [] : [sql`${column} >= ${from}::timestamptz`]),
    ...(to === undefined ? [] : [sql`${column} < ${to}::timestamptz`]),
  ]);
}
