import { HandoverError } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { referencesOf, type JsonSchema } from '@handover/scenario';
import type { Kysely, Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import { isStorable } from '../id.js';
import type { RemoteSchemas } from './remote-schemas.js';
import { schemasOf } from './schema.repository.js';
import type { SharedSchemas } from './shared-schemas.js';

const MOST = 100;
const MOST_BYTES = 1024 * 1024;
/** For fetching all of them; less than a caller waits for its answer. */
const MOST_MS = 5_000;

/** The schemas needed to use a document, by id, and the ids of those that are not known. */
export interface Closure {
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  readonly missing: readonly string[];
}

/**
 * Every schema that is needed to use a document: those it refers to, those they refer to, and so on.
 * @param references ids that the document refers to
 * @param fetched what was fetched from elsewhere; the platform's and the tenant's own schemas of the same id are preferred
 * @throws HandoverError `invalid_scenario` when there are more than 100 of them, or more than 1 MiB
 */
export async function closureOf(
  tx: Transaction<EngineSchema>,
  references: ReadonlySet<string>,
  shared: SharedSchemas,
  fetched: ReadonlyMap<string, JsonSchema> = new Map(),
): Promise<Closure> {
  const found = new Map<string, JsonSchema>();
  const asked = new Set<string>();
  let bytes = 0;
  for (let open = [...references]; open.length > 0;) {
    for (const id of open) asked.add(id);
    const own = await schemasOf(
      tx,
      open.filter((id) => !shared.has(id) && isStorable(id)),
    );
    const ofTenant = new Map(own.map(({ id, document }) => [id, document]));
    const known = open.flatMap((id) => entry(id, shared.get(id) ?? ofTenant.get(id) ?? fetched.get(id)));
    for (const [id, document] of known) {
      found.set(id, document);
      bytes += JSON.stringify(document).length;
    }
    if (asked.size > MOST || bytes > MOST_BYTES) {
      const detail = `refers to more than ${MOST} schemas, or to more than ${MOST_BYTES} bytes of them`;
      throw new HandoverError('invalid_scenario', 'The scenario is not valid', { errors: [{ pointer: '', detail }] });
    }
    open = [...new Set(known.flatMap(([id, document]) => [...referencesOf(document, id)]))].filter(
      (id) => !asked.has(id),
    );
  }
  return { schemas: Object.fromEntries(found), missing: [...asked].filter((id) => !found.has(id)) };
}

/**
 * Fetches what a document needs and nobody here has, as far as that is allowed. Not in a transaction: others take long to answer.
 * @throws HandoverError `unavailable` when it takes too long; as {@link closureOf} and {@link RemoteSchemas.fetch} do
 */
export async function fetchMissing(
  db: Kysely<EngineSchema>,
  tenant: string,
  references: ReadonlySet<string>,
  { shared, remote }: { readonly shared: SharedSchemas; readonly remote: RemoteSchemas },
): Promise<ReadonlyMap<string, JsonSchema>> {
  const fetched = new Map<string, JsonSchema>();
  const until = performance.now() + MOST_MS;
  for (;;) {
    const { missing } = await withTenant(db, tenant, (tx) => closureOf(tx, references, shared, fetched));
    const wanted = missing.filter((id) => remote.isAllowed(id));
    if (wanted.length === 0) return fetched;
    if (performance.now() > until) {
      throw new HandoverError('unavailable', 'The schemas that the scenario refers to take too long to fetch');
    }
    const found = await Promise.all(wanted.map(async (id) => [id, await remote.fetch(id)] as const));
    for (const [id, document] of found) fetched.set(id, document);
  }
}

const entry = (id: string, document: JsonSchema | undefined): (readonly [string, JsonSchema])[] =>
  document === undefined ? [] : [[id, document]];
