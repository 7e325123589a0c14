import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import type { Criterion } from './criteria.js';
import type { Found, Search } from './find.js';
import { NAMED, byUpdate, every, holdsIn, membersOf, selected, withTerm, type Members } from './members.js';
import {
  behind,
  behindFirst,
  describeOrder,
  orderBy,
  reversed,
  type Order,
  type OrderKey,
  type Place,
} from './order.js';
import { EVERY } from './terms.js';

type Sql = RawBuilder<unknown>;

/** Most indexes that are walked side by side and merged. */
const MOST_STREAMS = 50;

/** The orders that indexes have, by what comes first. */
const INDEXED: Readonly<Record<OrderKey, (descending: boolean) => Order>> = {
  title: (descending) => [
    { key: 'title', descending },
    { key: 'created', descending },
  ],
  created: (descending) => [{ key: 'created', descending }],
  updated: (descending) => [{ key: 'updated', descending }],
};

/** A walk through processes in the order of a list, or of the first key it is sorted by. */
export interface Walk {
  /** The criteria that the walk does not see to itself. */
  readonly rest: readonly Criterion[];
  /** The index has the very order of the list. */
  readonly isInOrder: boolean;
  /** How many rows to read to try `atMost`; undefined when the page lies beyond. */
  reach(atMost: number): number | undefined;
  /** The first row that is not read when so many are; undefined when that is all. */
  endAfter(tx: Transaction<EngineSchema>, rows: number): Promise<Place | undefined>;
  /** The rows before the end, no more than so many of each index. */
  rows(atMost: number, end: Place | undefined): Sql;
}

/** The indexes that lead through the processes of a list in its order: those of one criterion's terms, if it has some. */
export function walk(search: Search): Walk {
  const { criteria, order, place, offset, limit } = search;
  const [first] = order;
  if (!first) throw new TypeError('a list has an order');
  const index = INDEXED[first.key](first.descending);
  const isInOrder = describeOrder(index) === describeOrder(order);
  const { streams, criterion: telling } = streamsOf(criteria, first.key);
  const range = criteria.find(({ kind }) => kind === first.key);
  const rest = criteria.filter((criterion) => criterion !== telling && criterion !== range);

  // Where the index is in another order, all that are alike in its first key come in at the start, and stay out at the end.
  const reached = ({ where, columns }: Members): Sql[] => [
    where,
    ...(range ? [holdsIn(range, columns)] : []),
    ...(place ? [isInOrder ? behind(order, place, columns) : behindFirst(first, place, columns, 'inclusive')] : []),
  ];
  const before = ({ columns }: Members, end: Place): Sql =>
    isInOrder ? behind(reversed(index), end, columns) : behindFirst(opposite(first), end, columns, 'exclusive');

  return {
    rest,
    isInOrder,
    reach(atMost) {
      const page = offset + limit;
      if (rest.length > 0) return page <= atMost ? atMost : undefined;
      // Nothing is passed by. In another order a page may need more than it shows, to know what is alike.
      return isInOrder ? page : Math.max(atMost, 2 * page);
    },
    async endAfter(tx, rows) {
      const each = Math.ceil(rows / streams.length);
      const ends = streams.map(
        (members) => sql`(
          select ${selected(index, members.columns)} from ${members.from} where ${every(reached(members))}
          order by ${orderBy(index, members.columns)} offset ${each} limit 1
        )`,
      );
      const found = await sql<Found>`
        select * from (${sql.join(ends, sql` union all `)}) found order by ${orderBy(index, NAMED)} limit 1
      `.execute(tx);
      const [end] = found.rows;
      return end && { direction: 'before', values: index.map(({ key }) => end[key] ?? ''), id: end.id };
    },
    rows(atMost, end) {
      const parts = streams.map(
        (members) => sql`(
          select ${selected(order, members.columns)} from ${members.from}
          where ${every([...reached(members), ...(end ? [before(members, end)] : [])])}
          order by ${orderBy(index, members.columns)} limit ${atMost}
        )`,
      );
      const placed = place && !isInOrder ? sql`where ${behind(order, place, NAMED)}` : sql``;
      return sql`
        select ${streams.length > 1 ? sql`distinct` : sql``} * from (${sql.join(parts, sql` union all `)}) found ${placed}
      `;
    },
  };
}

/** What has an index in the order of a key: rows by update, and by title and creation those of a criterion, or all. */
function streamsOf(criteria: readonly Criterion[], first: OrderKey) {
  if (first === 'updated') return { streams: [byUpdate], criterion: undefined };
  const ofTerms = criteria.find(
    (one) => one.kind === 'terms' && one.terms.length > 0 && one.terms.length <= MOST_STREAMS,
  );
  if (ofTerms?.kind === 'terms') return { streams: ofTerms.terms.map((term) => withTerm([term])), criterion: ofTerms };
  const ofState = first === 'created' ? criteria.find(({ kind }) => kind === 'state') : undefined;
  return { streams: [ofState ? membersOf(ofState) : withTerm([EVERY])], criterion: ofState };
}

const opposite = <Key extends Order[number]>(key: Key): Key => ({ ...key, descending: !key.descending });
