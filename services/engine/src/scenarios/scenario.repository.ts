import type { ScenarioSummary } from '@handover/contracts';
import type { JsonSchema } from '@handover/scenario';
import { sql, type Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import { isStorable, isUuid } from '../id.js';
import { versionRank } from './version-rank.js';

/** A scenario as it is kept: what its author wrote, and what it means. */
export interface StoredScenario {
  readonly id: string;
  readonly source: string;
  readonly format: 'json' | 'yaml';
  readonly normalised: Record<string, unknown>;
  /** By id: every schema it needs to run. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
}

type Tx = Transaction<EngineSchema>;

/**
 * Keeps a scenario, or enables the one that is there already: the same id means the same scenario.
 * @returns whether it can be started now and could not before
 */
export async function saveScenario(
  tx: Tx,
  tenant: string,
  summary: ScenarioSummary,
  stored: StoredScenario,
): Promise<boolean> {
  const saved = await tx
    .insertInto('scenarios')
    .values({
      ...summary,
      version_rank: versionRank(summary.version ?? ''),
      tenant,
      source: stored.source,
      format: stored.format,
      normalised: JSON.stringify(stored.normalised),
      schemas: Object.keys(stored.schemas).length > 0 ? JSON.stringify(stored.schemas) : null,
    })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'id']).doUpdateSet({ disabled: false }).where('scenarios.disabled', '=', true),
    )
    .executeTakeFirst();
  return (saved.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export interface ScenarioFilter {
  readonly name?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly text?: string | undefined;
  /** Only these; absent means any. */
  readonly ids?: readonly string[] | undefined;
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
}

/** A page of the scenarios that can be started, by title, and how many there are. */
export async function listSummaries(
  tx: Tx,
  { name, tags = [], text, ids, offset = 0, limit = 100 }: ScenarioFilter,
): Promise<{ scenarios: ScenarioSummary[]; total: number }> {
  const matching = tx
    .selectFrom('scenarios')
    .where('disabled', '=', false)
    .$if(name !== undefined, (query) => query.where('name', '=', name ?? ''))
    .$if(tags.length > 0, (query) => query.where('tags', '@>', sql<string[]>`${tags}::text[]`))
    .$if(ids !== undefined, (query) => query.where('id', '=', sql<string>`any(${ids}::uuid[])`))
    .$if(text !== undefined, (query) => {
      const pattern = `%${(text ?? '').replaceAll(/[\\%_]/g, '\\$&')}%`;
      return query.where((e) =>
        e.or([e('name', 'ilike', pattern), e('title', 'ilike', pattern), e('description', 'ilike', pattern)]),
      );
    });
  const { total } = await matching.select(({ fn }) => fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
  const rows = await matching
    .select(['id', 'name', 'version', 'title', 'description', 'tags'])
    .orderBy('title')
    .orderBy('id')
    .offset(offset)
    .limit(limit)
    .execute();
  const scenarios = rows.map(({ name, version, ...row }) => ({
    ...row,
    ...(name !== null && { name }),
    ...(version !== null && { version }),
  }));
  return { scenarios, total: Number(total) };
}

export interface FoundScenario {
  readonly id: string;
  readonly disabled: boolean;
  readonly normalised: Record<string, unknown>;
}

export async function findScenario(tx: Tx, id: string): Promise<FoundScenario | undefined> {
  return tx.selectFrom('scenarios').select(['id', 'disabled', 'normalised']).where('id', '=', id).executeTakeFirst();
}

/** The schemas that a scenario was stored with, by id. */
export async function schemasKeptWith(tx: Tx, id: string): Promise<Readonly<Record<string, JsonSchema>>> {
  const row = await tx.selectFrom('scenarios').select('schemas').where('id', '=', id).executeTakeFirst();
  return row?.schemas ?? {};
}

/**
 * The scenario a caller means by an id, a name or `name@version`. A name means its latest version that is not disabled; of those
 * that rank the same, the one stored last.
 * @param known ids of the scenarios that exist for the caller; absent: all
 */
export async function findReferred(
  tx: Tx,
  reference: string,
  known?: readonly string[],
): Promise<FoundScenario | undefined> {
  if (isUuid(reference)) {
    const exists = known?.some((id) => id.toLowerCase() === reference.toLowerCase()) ?? true;
    return exists ? findScenario(tx, reference) : undefined;
  }
  if (!isStorable(reference)) return undefined;
  const at = reference.lastIndexOf('@');
  const byName = await findLatest(tx, known, reference);
  if (byName || at < 1) return byName;
  return findLatest(tx, known, reference.slice(0, at), reference.slice(at + 1));
}

interface RankedVersion {
  readonly disabled: boolean;
  readonly rank: string;
  readonly created_at: string;
}

async function findLatest(
  tx: Tx,
  known: readonly string[] | undefined,
  name: string,
  version?: string,
): Promise<FoundScenario | undefined> {
  const versions = tx
    .selectFrom('scenarios')
    .select(['id', 'disabled', 'normalised', 'version', 'version_rank', 'created_at'])
    .where('name', '=', name)
    .$if(version !== undefined, (query) => query.where('version', '=', version ?? ''))
    .$if(known !== undefined, (query) => query.where('id', '=', sql<string>`any(${known}::uuid[])`));
  const best = versions
    .orderBy('disabled')
    .orderBy('version_rank', 'desc')
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(1);
  // A replica of the version before, beside this one during an upgrade, stores scenarios without a rank.
  const unranked = versions.where('disabled', '=', false).where('version_rank', '=', '');
  const rows = await tx
    .selectFrom(best.as('best'))
    .selectAll()
    .unionAll(tx.selectFrom(unranked.as('unranked')).selectAll())
    .execute();
  const [latest] = rows.map((row) => ({ ...row, rank: versionRank(row.version ?? '') })).sort(latestFirst);
  return latest;
}

/** Orders versions of one name as the query does. */
function latestFirst(one: RankedVersion, other: RankedVersion): number {
  if (one.disabled !== other.disabled) return one.disabled ? 1 : -1;
  // Ranks are compared by code points, as the database does.
  if (one.rank !== other.rank) return one.rank > other.rank ? -1 : 1;
  return one.created_at > other.created_at ? -1 : 1;
}

/** What is told of a scenario. */
export type ScenarioFacts = Pick<ScenarioSummary, 'id' | 'name' | 'version' | 'title'>;

/** Disables a scenario. @returns what is told of it; undefined when it is disabled already */
export async function markDisabled(tx: Tx, id: string): Promise<ScenarioFacts | undefined> {
  const row = await tx
    .updateTable('scenarios')
    .set({ disabled: true })
    .where('id', '=', id)
    .where('disabled', '=', false)
    .returning(['id', 'name', 'version', 'title'])
    .executeTakeFirst();
  if (!row) return undefined;
  const { name, version, ...rest } = row;
  return { ...rest, ...(name !== null && { name }), ...(version !== null && { version }) };
}
