import type { MigratedProcess, MigrationSelection, ProcessMigration } from '@handover/contracts';
import type { EventActor } from '@handover/process';
import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import { withEveryTenant } from '../every-tenant.js';

type Tx = Transaction<EngineSchema>;
type Row = Selectable<EngineSchema['process_migrations']>;

export interface NewMigration {
  readonly tenant: string;
  readonly id: string;
  readonly selection: MigrationSelection;
  readonly target: string;
  readonly dryRun: boolean;
  readonly actor: EventActor;
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | undefined;
}

/** A migration that a replica has claimed. */
export interface ClaimedMigration {
  readonly tenant: string;
  readonly id: string;
  readonly selection: MigrationSelection;
  readonly target: string;
  readonly dryRun: boolean;
  readonly actor: EventActor;
  readonly planned: boolean;
  readonly cursor: string | null;
}

/** What came of looking at a process. */
export interface Outcome {
  readonly process: string;
  readonly fits: boolean;
  readonly migrated: boolean;
  readonly newState: string | null;
  readonly reasons: readonly string[];
}

/** @returns false when the idempotency key has been used already; nothing is written then. */
export async function insertMigration(tx: Tx, migration: NewMigration): Promise<boolean> {
  const { idempotency, dryRun, selection, actor, ...row } = migration;
  const result = await tx
    .insertInto('process_migrations')
    .values({
      ...row,
      dry_run: dryRun,
      selection: JSON.stringify(selection),
      actor: JSON.stringify(actor),
      idempotency_key: idempotency?.key ?? null,
      fingerprint: idempotency?.fingerprint ?? null,
    })
    .onConflict((conflict) => conflict.columns(['tenant', 'idempotency_key']).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export async function findMigration(tx: Tx, id: string): Promise<ProcessMigration | undefined> {
  const row = await tx.selectFrom('process_migrations').selectAll().where('id', '=', id).executeTakeFirst();
  return row && shown(row);
}

/** The migration an idempotency key was used for, with the fingerprint of what was asked. */
export async function findMigrationByKey(
  tx: Tx,
  key: string,
): Promise<{ migration: ProcessMigration; fingerprint: string | null } | undefined> {
  const row = await tx
    .selectFrom('process_migrations')
    .selectAll()
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
  return row && { migration: shown(row), fingerprint: row.fingerprint };
}

const MOST_LISTED = 100;

export async function latestMigrations(tx: Tx): Promise<ProcessMigration[]> {
  const rows = await tx
    .selectFrom('process_migrations')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(MOST_LISTED)
    .execute();
  return rows.map(shown);
}

function shown(row: Row): ProcessMigration {
  const { id, selection, target: to, dry_run: dryRun, total, examined, fits, migrated } = row;
  return {
    ...{ id, selection, to, dryRun, total, examined, fits, migrated },
    status: row.finished_at === null ? (row.planned ? 'running' : 'planning') : 'done',
    misfits: examined - fits,
    createdAt: row.created_at,
    ...(row.finished_at !== null && { finishedAt: row.finished_at }),
  };
}

export interface ItemPage {
  readonly migration: string;
  readonly fits: boolean | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

export async function findItems(tx: Tx, { migration, fits, after, limit }: ItemPage): Promise<MigratedProcess[]> {
  const rows = await tx
    .selectFrom('process_migration_items')
    .select(['process', 'state', 'fits', 'migrated', 'new_state', 'reasons'])
    .where('migration', '=', migration)
    .$if(fits !== undefined, (query) => query.where('fits', '=', fits ?? null))
    .$if(after !== undefined, (query) => query.where('process', '>', after ?? ''))
    .orderBy('process')
    .limit(limit)
    .execute();
  return rows.map(({ fits: fit, new_state: newState, ...row }) => ({
    ...row,
    ...(fit !== null && { fits: fit }),
    ...(newState !== null && { newState }),
  }));
}

/** Takes the migration that was waited for longest, for `leaseMs`. Replicas pass over each other's. */
export function claimMigration(db: Kysely<EngineSchema>, leaseMs: number): Promise<ClaimedMigration | undefined> {
  return withEveryTenant(db, async (tx) => {
    const { rows } = await sql<Row>`
      update process_migrations set claimed_until = now() + ${leaseMs} * interval '1 millisecond'
      where (tenant, id) in (
        select tenant, id from process_migrations
        where finished_at is null and (claimed_until is null or claimed_until < now())
        order by claimed_until nulls first, created_at limit 1
        for update skip locked
      )
      returning *
    `.execute(tx);
    const [row] = rows;
    return row && { ...row, dryRun: row.dry_run };
  });
}

/** Gives a claimed migration back: it is then behind the others that wait. */
export async function releaseMigration(tx: Tx, id: string): Promise<void> {
  await sql`
    update process_migrations set claimed_until = now() - interval '1 millisecond' where id = ${id}
  `.execute(tx);
}

/**
 * Makes items for the next processes selected, at most `limit`, and counts them.
 * @returns whether there may be more
 */
export async function planItems(
  tx: Tx,
  { tenant, id, selection, cursor }: ClaimedMigration,
  limit: number,
): Promise<boolean> {
  const { scenario, state = null, tag = null, ids = null, running } = selection;
  const { rows } = await sql<{ selected: number; last: string | null }>`
    with selected as (
      select id, state from processes
      where scenario = ${scenario}
        and (${cursor}::uuid is null or id > ${cursor}::uuid)
        and (${state}::text is null or state = ${state})
        and (${ids}::uuid[] is null or id = any (${ids}::uuid[]))
        and (running or not ${running}::boolean)
        and (${tag}::text is null or exists (
          select from json_array_elements_text(snapshot -> 'tags') as tag where tag = ${tag}
        ))
      order by id limit ${limit}
    ), added as (
      insert into process_migration_items (tenant, migration, process, state)
      select ${tenant}, ${id}, id, state from selected
      on conflict do nothing
    )
    select count(*)::int as selected, (select id from selected order by id desc limit 1) as last from selected
  `.execute(tx);
  const { selected = 0, last = null } = rows[0] ?? {};
  await sql`
    update process_migrations set
      total = total + ${selected}, cursor = coalesce(${last}::uuid, cursor), planned = ${selected < limit}
    where id = ${id}
  `.execute(tx);
  return selected === limit;
}

/** Processes that are still to be examined, by id, at most `limit`. */
export async function openItems(tx: Tx, migration: string, limit: number): Promise<string[]> {
  const rows = await tx
    .selectFrom('process_migration_items')
    .select('process')
    .where('migration', '=', migration)
    .where('fits', 'is', null)
    .orderBy('process')
    .limit(limit)
    .execute();
  return rows.map(({ process }) => process);
}

/** Notes what came of processes, and counts those of which nothing was noted yet. */
export async function noteOutcomes(tx: Tx, migration: string, outcomes: readonly Outcome[]): Promise<void> {
  const column = <T>(pick: (outcome: Outcome) => T): T[] => outcomes.map(pick);
  await sql`
    with noted as (
      update process_migration_items as item set
        fits = outcome.fits, migrated = outcome.migrated, new_state = outcome.new_state,
        reasons = array(select json_array_elements_text(outcome.reasons))
      from unnest(
        ${column(({ process }) => process)}::uuid[],
        ${column(({ fits }) => fits)}::boolean[],
        ${column(({ migrated }) => migrated)}::boolean[],
        ${column(({ newState }) => newState)}::text[],
        ${column(({ reasons }) => JSON.stringify(reasons))}::json[]
      ) as outcome (process, fits, migrated, new_state, reasons)
      where item.migration = ${migration} and item.process = outcome.process and item.fits is null
      returning item.fits, item.migrated
    )
    update process_migrations set
      examined = examined + (select count(*) from noted),
      fits = process_migrations.fits + (select count(*) from noted where noted.fits),
      migrated = process_migrations.migrated + (select count(*) from noted where noted.migrated)
    where id = ${migration}
  `.execute(tx);
}

export async function finishMigration(tx: Tx, id: string): Promise<void> {
  await tx
    .updateTable('process_migrations')
    .set({ finished_at: sql<string>`now()` })
    .where('id', '=', id)
    .execute();
}
