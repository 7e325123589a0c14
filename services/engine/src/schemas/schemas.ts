import {
  HandoverError,
  type AnswerOf,
  type BodyOf,
  type getSchema,
  type putSchema,
  type SchemaSummary,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { JsonSchema } from '@handover/scenario';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { isStorable } from '../id.js';
import { parse } from '../scenarios/parse.js';
import { fullId, readSchema } from './read-schema.js';
import {
  allSchemas,
  countSchemas,
  removeSchema,
  saveSchema,
  schemasOf,
  summaryOf,
  titled,
} from './schema.repository.js';
import type { SharedSchemas } from './shared-schemas.js';

type Db = Kysely<EngineSchema>;

const MOST_PER_TENANT = 1_000;
const MOST_BYTES = 256 * 1024;

const notFound = (id: string) => new HandoverError('schema_not_found', `There is no schema '${id}'`);

/** All that a tenant's scenarios can refer to, by id. */
export async function listOf(db: Db, tenant: string, shared: SharedSchemas): Promise<SchemaSummary[]> {
  const own = await withTenant(db, tenant, allSchemas);
  const summaries = [
    ...[...shared].map(([id, document]) => ofPlatform(id, document)),
    ...own.filter(({ id }) => !shared.has(id)).map(summaryOf),
  ];
  return summaries.sort((one, other) => one.id.localeCompare(other.id));
}

/** @throws HandoverError `schema_not_found` */
export async function read(
  db: Db,
  tenant: string,
  shared: SharedSchemas,
  short: string,
): Promise<AnswerOf<typeof getSchema>> {
  const id = fullId(short);
  const common = shared.get(id);
  if (common !== undefined) return { summary: ofPlatform(id, common), document: { ...(common as object) } };
  const [found] = isStorable(id) ? await withTenant(db, tenant, (tx) => schemasOf(tx, [id])) : [];
  if (!found) throw notFound(id);
  return { summary: summaryOf(found), document: { ...(found.document as object) } };
}

/** @throws HandoverError `malformed_body`, `invalid_schema`, `schema_conflict` when every tenant has one of that id */
export async function keep(
  db: Db,
  tenant: string,
  shared: SharedSchemas,
  { id: short, ...text }: BodyOf<typeof putSchema>,
): Promise<AnswerOf<typeof putSchema>> {
  const id = fullId(short);
  requireOwn(shared, id);
  const { document } = readSchema(parse(text, 'schema').document, id);
  if (JSON.stringify(document).length > MOST_BYTES) {
    const errors = [{ pointer: '', detail: `must be no more than ${MOST_BYTES} bytes` }];
    throw new HandoverError('invalid_schema', 'The schema is not valid', { errors });
  }
  return withTenant(db, tenant, async (tx) => {
    const [before] = await schemasOf(tx, [id]);
    if (!before && (await countSchemas(tx)) >= MOST_PER_TENANT) {
      throw new HandoverError('schema_conflict', `There are ${MOST_PER_TENANT} schemas already`);
    }
    return { created: !before, summary: summaryOf(await saveSchema(tx, tenant, id, document)) };
  });
}

/** @throws HandoverError `schema_not_found`, `schema_conflict` when it is every tenant's */
export async function forget(db: Db, tenant: string, shared: SharedSchemas, short: string): Promise<void> {
  const id = fullId(short);
  requireOwn(shared, id);
  const isGone = isStorable(id) && (await withTenant(db, tenant, (tx) => removeSchema(tx, id)));
  if (!isGone) throw notFound(id);
}

function requireOwn(shared: SharedSchemas, id: string): void {
  if (shared.has(id)) throw new HandoverError('schema_conflict', `The schema '${id}' belongs to the platform`);
}

const ofPlatform = (id: string, document: JsonSchema): SchemaSummary => ({
  ...titled(id, document),
  source: 'platform',
});
