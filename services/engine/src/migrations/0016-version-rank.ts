import { sql, type Kysely } from 'kysely';
import { versionRank } from '../scenarios/version-rank.js';

/** The latest version of a name is the first entry of an index. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Compared by code points, the same on every server.
  await sql`alter table scenarios add column version_rank text collate "C" not null default ''`.execute(db);
  // Row-level security is forced, so the owner lifts it for a moment.
  await sql`alter table scenarios no force row level security`.execute(db);
  const { rows } = await sql<{ version: string }>`
    select distinct version from scenarios where version is not null
  `.execute(db);
  const versions = rows.map(({ version }) => version);
  await sql`
    update scenarios set version_rank = rank
    from unnest(${versions}::text[], ${versions.map(versionRank)}::text[]) as ranked (known, rank)
    where version = known
  `.execute(db);
  await sql`alter table scenarios force row level security`.execute(db);
  await sql`
    create index scenarios_by_rank on scenarios (tenant, name, disabled, version_rank desc, created_at desc, id)
  `.execute(db);
}
