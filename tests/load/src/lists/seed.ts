import type pg from 'pg';
import type { Platform } from '../platform.js';

/** What the seeded processes are copies of: a real one, with the scenario it runs. */
export interface Template {
  readonly tenant: string;
  readonly id: string;
  readonly scenario: string;
}

const QUOTE = {
  title: 'Quote',
  actors: { owner: {}, clerk: { role: 'clerk' } },
  states: { initial: { on: 'finish', goto: '(done)' } },
  actions: { finish: { actor: 'owner' } },
};

const CHUNK = 20_000;
const PROCESSES_PER_USER = 200;
const PROCESSES_PER_ASSET = 10;

export async function startTemplate(platform: Platform, admin: pg.Client): Promise<Template> {
  const { id: scenario } = await platform.call<{ id: string }>('POST', '/scenarios', QUOTE);
  const { id } = await platform.call<{ id: string }>('POST', '/processes', {
    scenario,
    actors: { owner: { id: 'admin' } },
  });
  const { rows } = await admin.query<{ tenant: string }>('select tenant from engine.processes where id = $1', [id]);
  return { tenant: rows[0]?.tenant ?? '', id, scenario };
}

/**
 * Adds processes number `from` up to `to` as the engine would have written them, but without history: spread over two years.
 * Every user plays `owner` in 200 of them, the caller as well, half wait for a `clerk`, a tenth is tagged `bulk`, ten share an asset, a fifth
 * runs.
 */
export async function seed(admin: pg.Client, template: Template, from: number, to: number): Promise<void> {
  await withoutIndexes(admin, async () => {
    for (let first = from; first < to; first += CHUNK) {
      await admin.query(CHUNK_OF_PROCESSES, [template.id, first, Math.min(to, first + CHUNK) - 1]);
    }
  });
  // What would have been done in the background by then.
  await admin.query('vacuum (analyze) engine.processes');
  await admin.query('vacuum (analyze) engine.process_terms');
  await admin.query('checkpoint');
}

/** An index made of all rows at once takes a fraction of what it takes to add them one by one, in no order. */
async function withoutIndexes(admin: pg.Client, work: () => Promise<void>): Promise<void> {
  const { rows } = await admin.query<{ name: string; definition: string }>(`
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
    where indrelid = any(array['engine.processes', 'engine.process_terms']::regclass[]) and not indisprimary`);
  for (const { name } of rows) await admin.query(`drop index ${name}`);
  await work();
  await admin.query(`set maintenance_work_mem = '512MB'`);
  for (const { definition } of rows) await admin.query(definition);
}

/** The snapshot is the template's, as text: `jsonb` would change the order of its members. */
const CHUNK_OF_PROCESSES = `
  with template as (
    select * from engine.processes where id = $1
  ), seed as materialized (
    select gen_random_uuid() as id, 'Quote ' || md5(n::text) as title, n % 5 = 0 as running,
      case when n % 5 = 0 then 'initial' else '(done)' end as state,
      case when n < ${PROCESSES_PER_USER} then 'admin' else 'user-' || n / ${PROCESSES_PER_USER} end as owner,
      case when n % 2 = 0 then 'role:clerk' end as role,
      case when n % 10 = 0 then 'tag:bulk' end as tag,
      'tag:asset:' || n / ${PROCESSES_PER_ASSET} as asset,
      date_trunc('milliseconds', now() - (hashint4(n)::bigint + 2147483648) % 63072000 * interval '1 second') as created_at,
      (hashint4(n + 1)::bigint + 2147483648) % 864000 * interval '1 second' as age
    from generate_series($2::int, $3::int) n
  ), processes as (
    insert into engine.processes (tenant, id, scenario, version, etag, state, running, snapshot, created_at, updated_at)
    select template.tenant, seed.id, template.scenario, 1, md5(seed.id::text), seed.state, seed.running,
      replace(replace(replace(template.snapshot::text, template.id::text, seed.id::text),
        '"title":"Quote"', '"title":"' || title || '"'), '"id":"admin"', '"id":"' || owner || '"')::json,
      seed.created_at, least(now(), seed.created_at + age)
    from seed, template
    returning tenant, id
  )
  insert into engine.process_terms (tenant, process, term, title, created_at)
  select template.tenant, seed.id, term, lower(seed.title), seed.created_at
  from seed, template, unnest(array[
    '', 'scenario:' || template.scenario, case when seed.running then 'running' else 'ended' end,
    'user:' || owner, role, tag, asset, 'word:quote', 'word:' || substr(seed.title, 7)
  ]) term
  where term is not null`;
