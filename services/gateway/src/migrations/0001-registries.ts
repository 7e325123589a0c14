import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';

/** What the REST surfaces register that no scenario and no process holds. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const create of [assets, assetTags, definitions, definitionSlugs, parties, cases, parameterSets]) {
    await create.execute(db);
  }
  for (const table of ['assets', 'asset_tags', 'definitions', 'parties', 'cases', 'parameter_sets']) {
    await tenantTable(db, table);
  }
}

const assets = sql`
  create table assets (
    tenant text not null,
    id uuid not null,
    asset_tag text not null,
    name text not null,
    status text not null,
    -- Time of what set the status last, a request or an event of the engine: older news does not count any more.
    status_at timestamptz(3) not null,
    custom_fields json not null,
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz(3) not null default now(),
    primary key (tenant, id),
    unique (tenant, asset_tag)
  )`;

// The last number given to an asset of the tenant.
const assetTags = sql`create table asset_tags (tenant text not null primary key, last_number bigint not null)`;

const definitions = sql`
  create table definitions (
    tenant text not null,
    id uuid not null,
    slug text not null,
    name text not null,
    description text not null,
    trigger_status text,
    target_status text,
    is_system boolean not null,
    steps json not null,
    -- Id of the scenario it compiles to.
    scenario uuid not null,
    created_at timestamptz(3) not null default now(),
    deleted_at timestamptz(3),
    primary key (tenant, id),
    unique (tenant, scenario)
  )`;

const definitionSlugs = sql`create unique index definitions_slug on definitions (tenant, slug) where deleted_at is null`;

// One person or company, however many cases it has.
const parties = sql`
  create table parties (
    tenant text not null,
    kind text not null check (kind in ('personal', 'business')),
    number text not null,
    id uuid not null,
    primary key (tenant, kind, number)
  )`;

const cases = sql`
  create table cases (
    tenant text not null,
    id uuid not null,
    party uuid not null,
    details json not null,
    created_at timestamptz(3) not null default now(),
    primary key (tenant, id)
  )`;

const parameterSets = sql`
  create table parameter_sets (
    tenant text not null,
    id uuid not null,
    -- Id of the scenario they are for.
    definition uuid not null,
    parameters json not null,
    created_at timestamptz(3) not null default now(),
    primary key (tenant, id)
  )`;
