import type { Statement } from '@handover/database';
import type { Process } from '@handover/process';
import { listingOf } from './terms.js';

/** A process that is found by other terms than before. */
export interface Relisting {
  /** As it was; undefined when it is new. */
  readonly before: Process | undefined;
  readonly after: Process;
  /** Time of its first event, ISO 8601. */
  readonly startedAt: string;
}

/** Writes what became different of how processes are found: most steps change a term or two, some none. */
export function writeTerms(tenant: string, relistings: readonly Relisting[]): Statement[] {
  const gone: { process: string; term: string }[] = [];
  const found: { process: string; term: string; title: string; createdAt: string }[] = [];
  for (const { before, after, startedAt } of relistings) {
    if (before && isFoundAlike(before, after)) continue;
    const now = listingOf(after);
    const then = before && listingOf(before);
    // Every row of a process carries its title.
    const isRenamed = then !== undefined && then.title !== now.title;
    const kept = new Set(isRenamed ? [] : then?.terms);
    const current = new Set(isRenamed ? [] : now.terms);
    const process = after.id;
    for (const term of then?.terms ?? []) if (!current.has(term)) gone.push({ process, term });
    for (const term of now.terms) {
      if (!kept.has(term)) found.push({ process, term, title: now.title, createdAt: startedAt });
    }
  }
  return [...removeTerms(tenant, gone), ...insertTerms(tenant, found)];
}

/** Operations share what they do not change, so most of what stays the same is seen at a glance. */
const isFoundAlike = (before: Process, after: Process): boolean =>
  before.current === after.current &&
  before.actors === after.actors &&
  before.tags === after.tags &&
  before.title === after.title &&
  before.isRunning === after.isRunning &&
  before.scenario === after.scenario;

function removeTerms(tenant: string, gone: readonly { process: string; term: string }[]): Statement[] {
  if (gone.length === 0) return [];
  return [
    {
      name: 'remove_terms',
      sql: `
        delete from process_terms using unnest($2::uuid[], $3::text[]) as gone (process, term)
        where process_terms.tenant = $1 and process_terms.process = gone.process and process_terms.term = gone.term`,
      parameters: [tenant, gone.map(({ process }) => process), gone.map(({ term }) => term)],
    },
  ];
}

function insertTerms(
  tenant: string,
  found: readonly { process: string; term: string; title: string; createdAt: string }[],
): Statement[] {
  if (found.length === 0) return [];
  return [
    {
      name: 'insert_terms',
      sql: `
        insert into process_terms (tenant, process, term, title, created_at)
        select $1, found.* from unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) as found`,
      parameters: [
        tenant,
        found.map(({ process }) => process),
        found.map(({ term }) => term),
        found.map(({ title }) => title),
        found.map(({ createdAt }) => createdAt),
      ],
    },
  ];
}
