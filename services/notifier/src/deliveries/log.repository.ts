import { MOST_RETRIED, type AnswerOf, type Delivery, type DeliveryFilter, type getDelivery } from '@handover/contracts';
import { sql, type Selectable, type SelectQueryBuilder, type Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { serviceTarget, targetOf } from '../targets/target.js';
import { isAboutProcess } from './about.js';
import { closeCircuit } from './circuit.repository.js';
import { openLanes } from './lane.repository.js';

type Tx = Transaction<NotifierSchema>;
type Row = Pick<Selectable<NotifierSchema['deliveries']>, (typeof COLUMNS)[number]>;

const COLUMNS = [
  'tenant',
  'id',
  'target',
  'cause',
  'event',
  'process_id',
  'position',
  'status',
  'attempts_made',
  'reply_status',
  'reply_reason',
  'reply_due_at',
  'created_at',
  'settled_at',
] as const;

/** Deliveries of the transaction's tenant that match, the newest first. @param before position to go on from */
export async function findDeliveries(tx: Tx, tenant: string, filter: DeliveryFilter, limit: number, before?: number) {
  const rows = await matching(tx.selectFrom('deliveries'), tenant, filter)
    .select(COLUMNS)
    .$if(before !== undefined, (query) => query.where('position', '<', before ?? 0))
    .orderBy('position', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { deliveries: page.map(toDelivery), ...(rows.length > limit && last && { next: String(last.position) }) };
}

/** One delivery with every attempt and the body it carries. */
export async function findDelivery(tx: Tx, id: string): Promise<AnswerOf<typeof getDelivery> | undefined> {
  const row = await tx
    .selectFrom('deliveries')
    .select([...COLUMNS, 'body'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const attempts = await tx
    .selectFrom('attempts')
    .selectAll()
    .where('delivery_id', '=', id)
    .orderBy('number')
    .execute();
  const log = attempts.map(({ number, started_at, duration_ms, status, error, answer }) => ({
    number,
    started: started_at,
    durationMs: duration_ms,
    ...(status !== null && { status }),
    ...(error !== null && { error }),
    ...(answer !== null && { answer }),
  }));
  return { ...toDelivery(row), log, body: row.body };
}

export interface Retried {
  readonly taken: number;
  readonly skipped: { reason: string; count: number }[];
  readonly more: boolean;
}

/**
 * Makes deliveries pending again that failed, were cancelled or got through; a reply that was refused is handed in again instead.
 * @returns how many were taken, and why the others were not
 */
export async function retryMatching(
  tx: Tx,
  tenant: string,
  filter: DeliveryFilter & { id?: string },
): Promise<Retried> {
  const rows = await matching(tx.selectFrom('deliveries'), tenant, filter)
    .select([...COLUMNS])
    .$if(filter.id !== undefined, (query) => query.where('id', '=', filter.id ?? ''))
    .orderBy('target')
    .orderBy('position')
    .limit(MOST_RETRIED + 1)
    .execute();
  const wanted = rows.slice(0, MOST_RETRIED);
  const unwanted = await inactiveWebhooks(tx, wanted);
  const reasons = new Map<string, number>();
  const taken = wanted.filter((row) => {
    const reason = objection(row, unwanted);
    if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    return reason === undefined;
  });
  await reopen(tx, taken);
  return {
    taken: taken.length,
    skipped: [...reasons].map(([reason, count]) => ({ reason, count })),
    more: rows.length > MOST_RETRIED,
  };
}

function objection({ status, target }: Row, unwanted: ReadonlySet<string>): string | undefined {
  if (status === 'pending' || status === 'waiting' || status === 'replied') return `is still ${status}`;
  return unwanted.has(target) ? 'its webhook is disabled or deleted' : undefined;
}

async function inactiveWebhooks(tx: Tx, rows: readonly Row[]): Promise<Set<string>> {
  const targets = [...new Set(rows.map(({ target }) => target))].filter((target) => !target.startsWith('service:'));
  if (targets.length === 0) return new Set();
  const active = await tx
    .selectFrom('webhooks')
    .select('id')
    .where('id', 'in', targets)
    .where('disabled_at', 'is', null)
    .where('deleted_at', 'is', null)
    .execute();
  return new Set(targets.filter((target) => !active.some(({ id }) => id === target)));
}

async function reopen(tx: Tx, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const isRefused = sql<boolean>`reply_status = 'refused'`;
  const targets = [...new Set(rows.map(({ target }) => target))];
  await openLanes(tx, lanesOf(rows), 0, true);
  await tx
    .updateTable('deliveries')
    .set({
      status: sql`case when ${isRefused} then 'replied' else 'pending' end`,
      reply_status: sql`case when ${isRefused} then 'received' end`,
      attempts_before: sql<number>`attempts_made`,
      settled_at: null,
      announce: null,
    })
    .where(
      'id',
      'in',
      rows.map(({ id }) => id),
    )
    .execute();
  for (const target of targets) await closeCircuit(tx, target);
}

function lanesOf(rows: readonly Row[]) {
  const lanes = rows.map(({ tenant, target, process_id }) => ({ tenant, target, processId: process_id }));
  return [...new Map(lanes.map((lane) => [JSON.stringify([lane.target, lane.processId]), lane])).values()];
}

function matching<O>(
  query: SelectQueryBuilder<NotifierSchema, 'deliveries', O>,
  tenant: string,
  { status, service, webhook, process, from, to }: DeliveryFilter,
) {
  // Always so: the indexes of lists ask for it (migration 0008).
  return query
    .where('position', '>', 0)
    .$if(status !== undefined, (q) => q.where('status', '=', status ?? 'pending'))
    .$if(service !== undefined, (q) => q.where('target', '=', serviceTarget(tenant, service ?? '')))
    .$if(webhook !== undefined, (q) => q.where('target', '=', webhook ?? ''))
    .$if(process !== undefined, (q) => q.where('process_id', '=', process ?? ''))
    .$if(from !== undefined, (q) => q.where('created_at', '>=', from ?? ''))
    .$if(to !== undefined, (q) => q.where('created_at', '<', to ?? ''));
}

function toDelivery(row: Row): Delivery {
  const target = targetOf(row.tenant, row.target);
  return {
    id: row.id,
    status: row.status,
    ...(isAboutProcess(row.event) && { process: row.process_id }),
    ...(target.kind === 'service' ? { service: target.name } : { webhook: target.id }),
    ...(row.event !== null && { event: row.event }),
    cause: row.cause,
    attempts: row.attempts_made,
    created: row.created_at,
    ...(row.settled_at !== null && { settled: row.settled_at }),
    ...(row.reply_status !== null && { reply: replyOf(row.reply_status, row) }),
  };
}

function replyOf(status: NonNullable<Row['reply_status']>, { reply_due_at: due, reply_reason: reason }: Row) {
  const isLate = status === 'awaited' && due !== null && Date.parse(due) < Date.now();
  return { status: isLate ? ('overdue' as const) : status, ...(reason !== null && { reason }) };
}
