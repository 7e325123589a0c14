import type { ScenarioSummary } from '@handover/contracts';
import type { Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';

/** A scenario as it is kept: what its author wrote, and what it means. */
export interface StoredScenario {
  readonly id: string;
  readonly source: string;
  readonly format: 'json' | 'yaml';
  readonly normalised: Record<string, unknown>;
}

type Tx = Transaction<EngineSchema>;

/** Keeps a scenario, or enables the one that is there already: the same id means the same scenario. */
export async function saveScenario(
  tx: Tx,
  tenant: string,
  summary: ScenarioSummary,
  stored: StoredScenario,
): Promise<void> {
  await tx
    .insertInto('scenarios')
    .values({
      ...summary,
      tenant,
      source: stored.source,
      format: stored.format,
      normalised: JSON.stringify(stored.normalised),
    })
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet({ disabled: false }))
    .execute();
}

/** The scenarios that can be started, by title. */
export async function listSummaries(tx: Tx): Promise<ScenarioSummary[]> {
  const rows = await tx
    .selectFrom('scenarios')
    .select(['id', 'name', 'version', 'title', 'description', 'tags'])
    .where('disabled', '=', false)
    .orderBy('title')
    .orderBy('id')
    .execute();
  return rows.map(({ name, version, ...row }) => ({
    ...row,
    ...(name !== null && { name }),
    ...(version !== null && { version }),
  }));
}

export interface FoundScenario {
  readonly id: string;
  readonly disabled: boolean;
  readonly normalised: Record<string, unknown>;
}

export async function findScenario(tx: Tx, id: string): Promise<FoundScenario | undefined> {
  return tx.selectFrom('scenarios').select(['id', 'disabled', 'normalised']).where('id', '=', id).executeTakeFirst();
}

/** Whether there was such a scenario. */
export async function markDisabled(tx: Tx, id: string): Promise<boolean> {
  const result = await tx.updateTable('scenarios').set({ disabled: true }).where('id', '=', id).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
