import { stepDefinitionSchema, type Definition, type StepDefinition } from '@handover/contracts';
import { isUniqueViolation, withTenant } from '@handover/database';
import { isUuid } from '@handover/scenario';
import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { GatewaySchema } from '../../database.js';
import { compileDefinition } from './definition.js';
import { SYSTEM_DEFINITIONS, systemDefinitionId } from './system-definitions.js';

/** A definition as it is kept, with its steps read and the scenario it compiles to. */
export interface StoredDefinition {
  readonly definition: Definition;
  readonly steps: readonly StepDefinition[];
  /** Id of the scenario. */
  readonly scenario: string;
}

type Tx = Transaction<GatewaySchema>;
type Db = Kysely<GatewaySchema>;

/** The tenants this process has seen to; another process, or an earlier one, may have done so before. */
const seeded = new WeakMap<Db, Set<string>>();

/** Runs `work` for a tenant that has the system definitions. */
export async function withDefinitions<T>(db: Db, tenant: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const known = seeded.get(db) ?? new Set<string>();
  seeded.set(db, known);
  return withTenant(db, tenant, async (tx) => {
    if (!known.has(tenant)) {
      for (const { slug, ...content } of SYSTEM_DEFINITIONS) {
        const definition = { ...content, slug, id: systemDefinitionId(tenant, slug), is_system: true };
        await insert(tx, tenant, { ...definition, steps: [...content.steps] });
      }
      known.add(tenant);
    }
    return work(tx);
  });
}

/** Keeps a definition. @returns undefined when another one has its slug */
export async function addDefinition(
  db: Db,
  tenant: string,
  definition: Definition,
): Promise<StoredDefinition | undefined> {
  try {
    await withTenant(db, tenant, (tx) => insert(tx, tenant, definition));
    return readDefinition(definition);
  } catch (error) {
    if (isUniqueViolation(error, 'definitions_slug')) return undefined;
    throw error;
  }
}

function readDefinition(definition: Definition): StoredDefinition {
  const steps = definition.steps.map((step) => stepDefinitionSchema.parse(step));
  return { definition, steps, scenario: compileDefinition({ ...definition, steps }).id };
}

/** A definition that is there already stays as it is. */
async function insert(tx: Tx, tenant: string, definition: Definition): Promise<void> {
  const { scenario } = readDefinition(definition);
  await tx
    .insertInto('definitions')
    .values({ ...definition, tenant, scenario, steps: JSON.stringify(definition.steps), deleted_at: null })
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doNothing())
    .execute();
}

/** Those that new instances can be started of, by name. */
export async function listDefinitions(tx: Tx): Promise<StoredDefinition[]> {
  const rows = await tx
    .selectFrom('definitions')
    .selectAll()
    .where('deleted_at', 'is', null)
    .orderBy('name')
    .orderBy('id')
    .execute();
  return rows.map(stored);
}

/** @param also whether one that was deleted counts too */
export async function findDefinition(tx: Tx, id: string, also = false): Promise<StoredDefinition | undefined> {
  if (!isUuid(id)) return undefined;
  const row = await tx
    .selectFrom('definitions')
    .selectAll()
    .where('id', '=', id)
    .$if(!also, (query) => query.where('deleted_at', 'is', null))
    .executeTakeFirst();
  return row && stored(row);
}

/** The definitions behind scenarios, by the scenario's id, deleted ones too: their instances go on. */
export async function definitionsOf(tx: Tx, scenarios: readonly string[]): Promise<Map<string, StoredDefinition>> {
  if (scenarios.length === 0) return new Map();
  const rows = await tx.selectFrom('definitions').selectAll().where('scenario', 'in', scenarios).execute();
  return new Map(rows.map((row) => [row.scenario, stored(row)]));
}

export async function deleteDefinition(tx: Tx, id: string): Promise<void> {
  await tx
    .updateTable('definitions')
    .set({ deleted_at: sql<string>`now()` })
    .where('id', '=', id)
    .execute();
}

function stored(row: Selectable<GatewaySchema['definitions']>): StoredDefinition {
  const { id, name, slug, description, trigger_status, target_status, is_system, scenario } = row;
  const shown = row.steps as Definition['steps'];
  return {
    definition: { id, name, slug, description, trigger_status, target_status, is_system, steps: shown },
    steps: shown.map((step) => stepDefinitionSchema.parse(step)),
    scenario,
  };
}
