import { withTenant } from '@handover/database';
import type { ProcessSnapshot } from '@handover/process';
import { sql, type Kysely } from 'kysely';
import type { EngineSchema } from '../src/database.js';
import { term } from '../src/lists/terms.js';

/** What the seeded processes are copies of: a real one, with the scenario it runs. */
export interface Template {
  readonly scenario: string;
  readonly snapshot: ProcessSnapshot;
}

const CHUNK = 20_000;
/** Processes of one user, however many there are in all. */
export const PROCESSES_PER_USER = 200;
export const PROCESSES_PER_ASSET = 10;

/**
 * Fills lists for measurements: rows without history, spread over two years. Of them every user plays `owner` in 200, half of
 * them wait for a `clerk` and one in a hundred for an `auditor`, a tenth is tagged `bulk`, ten share an asset, a fifth runs.
 */
export async function seedProcesses(
  db: Kysely<EngineSchema>,
  tenant: string,
  { scenario, snapshot }: Template,
  count: number,
): Promise<void> {
  const users = Math.max(1, Math.floor(count / PROCESSES_PER_USER));
  for (let from = 0; from < count; from += CHUNK) {
    const to = Math.min(count, from + CHUNK);
    await withTenant(db, tenant, async (tx) => {
      await sql`
        with seed as materialized (
          select gen_random_uuid() as id, n % 5 = 0 as running,
            case when n % 5 = 0 then 'initial' else '(done)' end as state,
            'Quote ' || md5(n::text) as title,
            'user-' || (hashint4(n)::bigint + 2147483648) % ${users} as owner,
            case when n % 100 = 0 then 'auditor' when n % 2 = 0 then 'clerk' end as role,
            case when n % 10 = 0 then array['asset:' || n / ${PROCESSES_PER_ASSET}::int, 'bulk']
              else array['asset:' || n / ${PROCESSES_PER_ASSET}::int] end as tags,
            date_trunc('milliseconds',
              now() - (hashint4(n)::bigint + 2147483648) % 63072000 * interval '1 second') as created_at,
            (hashint4(n + 1)::bigint + 2147483648) % 864000 * interval '1 second' as age
          from generate_series(${from}::int, ${to - 1}::int) n
        ), rows as (
          insert into processes (tenant, id, scenario, version, etag, state, running, snapshot, created_at, updated_at)
          select ${tenant}, id, ${scenario}::uuid, 1, md5(id::text), state, running,
            (${JSON.stringify(snapshot)}::jsonb || jsonb_build_object(
              'id', id, 'title', title, 'tags', tags, 'isRunning', running,
              'actors', jsonb_build_object(
                'owner', jsonb_build_object('id', owner), 'other', jsonb_build_object('role', role)
              )
            ))::json,
            created_at, created_at + age
          from seed
        )
        insert into process_terms (tenant, process, term, title, created_at)
        select ${tenant}, id, term, lower(title), created_at
        from seed, unnest(
          array[
            '', ${term('scenario', scenario)}, case when running then 'running' else 'ended' end,
            'user:' || owner, 'role:' || role, 'word:quote', 'word:' || substr(title, 7)
          ] || (select array_agg('tag:' || tag) from unnest(tags) tag)
        ) term
        where term is not null
      `.execute(tx);
    });
  }
}
