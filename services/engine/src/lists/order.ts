import type { ProcessSort } from '@handover/contracts';
import { sql, type RawBuilder } from 'kysely';

export type OrderKey = 'title' | 'created' | 'updated';

/** What a list is sorted by, the first key first; the process's id decides between equals. */
export type Order = readonly { readonly key: OrderKey; readonly descending: boolean }[];

/** A place in a sorted list: the values of a process there, and whether what comes before or after it is wanted. */
export interface Place {
  readonly direction: 'after' | 'before';
  /** What the list is sorted by, in that order: a sort title, or ISO 8601. */
  readonly values: readonly string[];
  /** The process. */
  readonly id: string;
}

/** Columns that hold what is sorted by. */
export type Columns = Readonly<Record<OrderKey | 'id', RawBuilder<unknown>>>;

/**
 * The order that was asked for. Processes of one title, often all of a scenario, follow each other by creation: the index
 * they are read off has it so.
 */
export function orderOf(sorts: readonly ProcessSort[]): Order {
  const order = new Map<OrderKey, boolean>();
  for (const sort of sorts) {
    const descending = sort.startsWith('-');
    const key = (descending ? sort.slice(1) : sort) as OrderKey;
    if (!order.has(key)) order.set(key, descending);
  }
  const [last] = [...order].slice(-1);
  if (last?.[0] === 'title' && !order.has('created')) order.set('created', last[1]);
  return [...order].map(([key, descending]) => ({ key, descending }));
}

export const describeOrder = (order: Order): string =>
  order.map(({ key, descending }) => `${descending ? '-' : ''}${key}`).join();

export const reversed = (order: Order): Order => order.map(({ key, descending }) => ({ key, descending: !descending }));

const CAST: Readonly<Record<OrderKey, RawBuilder<unknown>>> = {
  title: sql`::text collate "C"`,
  created: sql`::timestamptz`,
  updated: sql`::timestamptz`,
};

export function orderBy(order: Order, columns: Columns): RawBuilder<unknown> {
  const isDescending = order.at(-1)?.descending ?? false;
  const parts = [...order, { key: 'id' as const, descending: isDescending }];
  return sql.join(parts.map(({ key, descending }) => (descending ? sql`${columns[key]} desc` : columns[key])));
}

/** The condition that a row stands behind a place. With one direction for all keys an index serves it. */
export function behind(order: Order, { values, id }: Place, columns: Columns): RawBuilder<unknown> {
  const isDescending = order.at(-1)?.descending ?? false;
  const keys = [
    ...order.map(({ key, descending }, at) => ({
      column: columns[key],
      descending,
      value: sql`${values[at]}${CAST[key]}`,
    })),
    { column: columns.id, descending: isDescending, value: sql`${id}::uuid` },
  ];
  if (keys.every(({ descending }) => descending === isDescending)) {
    const [left, right] = [sql.join(keys.map(({ column }) => column)), sql.join(keys.map(({ value }) => value))];
    return isDescending ? sql`(${left}) < (${right})` : sql`(${left}) > (${right})`;
  }
  const alternatives = keys.map(({ column, descending, value }, at) => {
    const equal = keys.slice(0, at).map((each) => sql`${each.column} = ${each.value}`);
    return sql`(${sql.join([...equal, descending ? sql`${column} < ${value}` : sql`${column} > ${value}`], sql` and `)})`;
  });
  return sql`(${sql.join(alternatives, sql` or `)})`;
}

/** The condition that a row stands behind a place by the first key alone, those that are alike in it included or not. */
export function behindFirst(
  { key, descending }: Order[number],
  { values }: Place,
  columns: Columns,
  bound: 'inclusive' | 'exclusive',
): RawBuilder<unknown> {
  const than = sql.raw(`${descending ? '<' : '>'}${bound === 'inclusive' ? '=' : ''}`);
  return sql`${columns[key]} ${than} ${values[0]}${CAST[key]}`;
}
