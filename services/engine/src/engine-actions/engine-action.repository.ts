import { ENGINE_SERVICE } from '@handover/contracts';
import type { Statement } from '@handover/database';
import type { Change, Process } from '@handover/process';
import { hash } from '@handover/scenario';
import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { EngineSchema } from '../database.js';
import { closeOpenOnes } from '../incidents/incident.repository.js';
import { withEveryTenant } from '../every-tenant.js';

type Tx = Transaction<EngineSchema>;

export type EngineAction = Selectable<EngineSchema['engine_actions']>;

/** An action whose time has come. */
export interface DueAction extends EngineAction {
  /** ISO 8601. */
  readonly dueAt: string;
}

/** Tag of a process that another one started: `parent:<id>`. */
export const parentTag = (parent: string): string => `parent:${parent}`;

const hasParent = ({ tags }: Process): boolean => tags.some((tag) => tag.startsWith('parent:'));

/** When what the changes ask of the engine is due, ISO 8601; the end of a sub-process is due at once. */
export function engineTimes(changes: readonly Change[]): string[] {
  const asked = changes.flatMap((change) => wishesOf(change).map(({ dueAt }) => dueAt));
  const last = changes.at(-1);
  const isReturning = last && !last.process.isRunning && hasParent(last.process);
  return isReturning ? [...asked, last.event.timestamp] : asked;
}

/** Keeps what the states entered ask of the engine, and lets those go on that waited for a process that ended. */
export function keepEngineActions(
  tenant: string,
  written: readonly { readonly process: Process; readonly changes: readonly Change[] }[],
): Statement[] {
  const wishes = written.flatMap(({ changes }) =>
    changes.flatMap((change) => wishesOf(change).map((wish) => ({ ...wish, change }))),
  );
  const ended = written.filter(({ process }) => !process.isRunning && hasParent(process));
  const statements: Statement[] = [];
  if (wishes.length > 0) {
    statements.push({
      name: 'keep_engine_actions',
      sql: `
        insert into engine_actions (tenant, id, process, child, state, entered, delayed, message, due_at)
        select $1, kept.* from unnest(
          $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::boolean[], $8::json[], $9::timestamptz[]
        ) as kept`,
      parameters: [
        tenant,
        wishes.map(({ change, position }) => hash([change.process.id, change.event.hash, position])),
        wishes.map(({ change }) => change.process.id),
        wishes.map(() => randomUUID()),
        wishes.map(({ change }) => change.process.current.key),
        wishes.map(({ change }) => change.process.current.timestamp),
        wishes.map(({ delayed }) => delayed),
        wishes.map(({ message }) => JSON.stringify(message ?? null)),
        wishes.map(({ dueAt }) => dueAt),
      ],
    });
  }
  if (ended.length > 0) {
    statements.push({
      name: 'return_to_parents',
      sql: `
        update engine_actions set due_at = now(), claimed_until = null
        where tenant = $1 and child = any($2::uuid[]) and not failed`,
      parameters: [tenant, ended.map(({ process }) => process.id)],
    });
  }
  return statements;
}

function wishesOf({ entered, process }: Change) {
  if (!entered) return [];
  const { notify, timestamp } = process.current;
  return notify.flatMap(({ service, after, message }, position) => {
    if (service !== ENGINE_SERVICE) return [];
    const dueAt = new Date(Date.parse(timestamp) + after * 1_000).toISOString();
    return [{ position, dueAt, delayed: after > 0, message }];
  });
}

/** Takes up to `limit` of them that are due, the longest overdue first, for `leaseMs`. Replicas pass over each other's. */
export function claimEngineActions(db: Kysely<EngineSchema>, limit: number, leaseMs: number): Promise<DueAction[]> {
  return withEveryTenant(db, async (tx) => {
    const claimed = await sql<DueAction>`
      update engine_actions set claimed_until = now() + ${leaseMs} * interval '1 millisecond'
      where (tenant, id) in (
        select tenant, id from engine_actions
        where due_at <= now() and (claimed_until is null or claimed_until < now())
        order by due_at limit ${limit}
        for update skip locked
      )
      returning *, due_at as "dueAt"
    `.execute(tx);
    return claimed.rows;
  });
}

/** Where a process stands among those that started each other; it is the root itself when nobody started it. */
export async function placeOf(tx: Tx, process: string): Promise<{ root: string; depth: number }> {
  const row = await tx
    .selectFrom('engine_actions')
    .select(['root', 'depth'])
    .where('child', '=', process)
    .executeTakeFirst();
  return { root: row?.root ?? process, depth: row?.depth ?? 0 };
}

/** Counts an action of a root, once per action; returns how many there were within the hour, this one included. */
export async function countAction(tx: Tx, action: EngineAction, root: string, depth: number): Promise<number> {
  if (action.root === null) {
    await tx.updateTable('engine_actions').set({ root, depth }).where('id', '=', action.id).execute();
    const counted = await sql<{ count: number }>`
      insert into engine_action_counts (tenant, root) select tenant, id from processes where id = ${root}
      on conflict (tenant, root) do update set
        count = case when engine_action_counts.since < now() - interval '1 hour' then 1 else engine_action_counts.count + 1 end,
        since = case when engine_action_counts.since < now() - interval '1 hour' then now() else engine_action_counts.since end
      returning count
    `.execute(tx);
    return counted.rows[0]?.count ?? 1;
  }
  const row = await tx.selectFrom('engine_action_counts').select('count').where('root', '=', root).executeTakeFirst();
  return row?.count ?? 1;
}

/** The sub-process was started: the action waits for its end, which may have come already. */
export async function awaitChild(tx: Tx, { id, child }: EngineAction): Promise<void> {
  // The lock comes first: whoever ends the child now either is seen below, or finds the action waiting.
  await tx.selectFrom('engine_actions').select('id').where('id', '=', id).forUpdate().execute();
  await sql`
    update engine_actions set started = true, claimed_until = null,
      due_at = case when exists (select from processes where id = ${child} and running) then null else now() end
    where id = ${id}
  `.execute(tx);
}

export async function removeAction(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('engine_actions').where('id', '=', id).execute();
}

/** Puts an action aside until it is retried. */
export async function setAside(tx: Tx, id: string): Promise<void> {
  await tx
    .updateTable('engine_actions')
    .set({ failed: true, due_at: null, claimed_until: null })
    .where('id', '=', id)
    .execute();
}

/** Makes what was put aside for a process due again, and closes the incident that told of it; returns how many. */
export async function reviveActions(tx: Tx, process: string): Promise<number> {
  const revived = await tx
    .updateTable('engine_actions')
    .set({ failed: false, due_at: sql<string>`now()` })
    .where('process', '=', process)
    .where('failed', '=', true)
    .executeTakeFirst();
  if (revived.numUpdatedRows === 0n) return 0;
  await closeOpenOnes(tx, process);
  return Number(revived.numUpdatedRows);
}
