import type { AnswerOf, BodyOf, Principal, ProcessSummary, listProcesses } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { sql, type Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import { isUuid } from '../id.js';
import type { ReadPorts } from '../processes/read-process.js';
import type { ProcessSnapshot } from '@handover/process';
import { criteriaOf } from './criteria.js';
import { fromCursor, toCursor } from './cursor.js';
import { EFFORTS, countAll, findPage, type Effort, type Found } from './find.js';
import { orderOf, reversed, type Order, type Place } from './order.js';

type Tx = Transaction<EngineSchema>;
type Body = BodyOf<typeof listProcesses>;
type Answer = AnswerOf<typeof listProcesses>;

/**
 * A page of the processes a caller may read (engine-service §3.8).
 * @throws HandoverError `forbidden`, or `invalid_request` when the cursor is not one of this list
 */
export async function list(
  { db, scenarios }: ReadPorts,
  body: Body,
  principal: Principal,
  efforts: readonly Effort[] = EFFORTS,
): Promise<Answer> {
  const { tenant } = principal;
  const order = orderOf(body.sort);
  const place = body.cursor === undefined ? undefined : fromCursor(order, body.cursor);
  return withTenant(db, tenant, async (tx) => {
    const wanted = body.scenario === undefined ? undefined : await scenariosCalled(tx, body.scenario);
    const criteria = criteriaOf(body, wanted, principal);
    const isBackwards = place?.direction === 'before';
    const found = await findPage(
      tx,
      {
        criteria,
        order: isBackwards ? reversed(order) : order,
        place,
        offset: ((body.page ?? 1) - 1) * body.limit,
        limit: body.limit + 1,
      },
      efforts,
    );
    const total = body.total ? { total: await countAll(tx, criteria, efforts) } : {};
    const shown = found.slice(0, body.limit);
    if (isBackwards) shown.reverse();
    const rows = await rowsOf(tx, shown, body.documents);
    const documents = body.documents && {
      documents: await Promise.all(
        rows.map(async ({ snapshot, scenario, etag, updated_at }) => {
          const { document } = await scenarios.compiled(tx, tenant, scenario);
          const { fired: _fired, head: _head, ...state } = { ...snapshot };
          return { process: { ...state, scenario: document }, etag, lastModified: updated_at };
        }),
      ),
    };
    return { processes: rows.map(summaryOf), ...documents, ...neighbours(order, place, body, found, shown), ...total };
  });
}

/** Ids of the scenarios an id, a name, or name and version stand for. */
async function scenariosCalled(tx: Tx, called: string): Promise<string[]> {
  if (isUuid(called)) return [called.toLowerCase()];
  const at = called.lastIndexOf('@');
  const rows = await tx
    .selectFrom('scenarios')
    .select('id')
    .where((eb) =>
      eb.or([
        eb('name', '=', called),
        ...(at > 0 ? [eb.and([eb('name', '=', called.slice(0, at)), eb('version', '=', called.slice(at + 1))])] : []),
      ]),
    )
    .execute();
  return rows.map(({ id }) => id);
}

interface Row {
  readonly id: string;
  readonly scenario: string;
  readonly name: string | null;
  readonly version: string | null;
  readonly scenario_title: string;
  readonly description: string;
  readonly title: string;
  readonly tags: string[];
  readonly actors: Record<string, unknown>;
  readonly running: boolean;
  readonly state: string;
  readonly incident: boolean;
  readonly etag: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly snapshot: ProcessSnapshot | null;
}

/** What there is to show of the processes, in their order; of the documents no more than is needed. */
async function rowsOf(tx: Tx, found: readonly Found[], whole: boolean): Promise<Row[]> {
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => id);
  const { rows } = await sql<Row>`
    select p.id, p.scenario, s.name, s.version, s.title as scenario_title, s.description,
      p.snapshot ->> 'title' as title, p.snapshot -> 'tags' as tags, p.snapshot -> 'actors' as actors,
      p.running, p.state, p.incident, p.etag, p.created_at, p.updated_at,
      ${whole ? sql`p.snapshot` : sql`null`} as snapshot
    from processes p join scenarios s on s.id = p.scenario
    where p.id = any(${ids}::uuid[])
  `.execute(tx);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

function summaryOf(row: Row): ProcessSummary {
  const { id, title, tags, actors, state, incident, name, version } = row;
  return {
    id,
    title,
    tags,
    scenario: {
      id: row.scenario,
      title: row.scenario_title,
      description: row.description,
      ...(name !== null && { name }),
      ...(version !== null && { version }),
    },
    actors,
    isRunning: row.running,
    state,
    created: row.created_at,
    lastUpdated: row.updated_at,
    incident,
  };
}

/** Cursors of the pages before and after the one that is shown. */
function neighbours(
  order: Order,
  place: Place | undefined,
  { limit, page = 1 }: Body,
  found: readonly Found[],
  shown: readonly Found[],
): Pick<Answer, 'next' | 'previous'> {
  const [first, last] = [shown.at(0), shown.at(-1)];
  if (!first || !last) return {};
  const cursor = (direction: Place['direction'], at: Found): string =>
    toCursor(order, { direction, values: order.map(({ key }) => at[key] ?? ''), id: at.id });
  const isBackwards = place?.direction === 'before';
  const hasMore = found.length > limit;
  return {
    ...((isBackwards || hasMore) && { next: cursor('after', last) }),
    ...((isBackwards ? hasMore : place !== undefined || page > 1) && { previous: cursor('before', first) }),
  };
}
