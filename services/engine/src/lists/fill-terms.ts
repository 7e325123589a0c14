import { fromSnapshot, type ProcessSnapshot } from '@handover/process';
import { compile, type CompiledScenario, type NormalizedScenario } from '@handover/scenario';
import { sql, type Kysely } from 'kysely';
import { listingOf } from './terms.js';

const BATCH = 500;

/** For migrations, on tables whose row-level security is lifted meanwhile: writes the terms of the processes there are. */
export async function fillTerms(db: Kysely<unknown>): Promise<void> {
  const scenarios = new Map<string, CompiledScenario>();
  let last: { tenant: string; id: string } | undefined;
  do {
    const { rows } = await sql<{
      tenant: string;
      id: string;
      scenario: string;
      snapshot: ProcessSnapshot;
      created_at: string;
    }>`
      select tenant, id, scenario, snapshot, created_at from processes
      where (tenant, id) > (${last?.tenant ?? ''}, ${last?.id ?? '00000000-0000-0000-0000-000000000000'}::uuid)
      order by tenant, id limit ${BATCH}
    `.execute(db);
    for (const { tenant, id, scenario, snapshot, created_at } of rows) {
      const key = `${tenant}/${scenario}`;
      const compiled = scenarios.get(key) ?? (await compiledScenario(db, tenant, scenario));
      scenarios.set(key, compiled);
      const { terms, title } = listingOf(fromSnapshot(compiled, snapshot));
      await sql`
        insert into process_terms (tenant, process, term, title, created_at)
        select ${tenant}, ${id}::uuid, term, ${title}, ${created_at}::timestamptz from unnest(${[...terms]}::text[]) term
        on conflict do nothing
      `.execute(db);
    }
    last = rows.length === BATCH ? rows.at(-1) : undefined;
  } while (last);
}

async function compiledScenario(db: Kysely<unknown>, tenant: string, id: string): Promise<CompiledScenario> {
  const { rows } = await sql<{ normalised: NormalizedScenario }>`
    select normalised from scenarios where tenant = ${tenant} and id = ${id}::uuid
  `.execute(db);
  const [found] = rows;
  if (!found) throw new Error(`scenario ${id} of tenant ${tenant} is in use and missing`);
  return compile({ ...found.normalised, id });
}
