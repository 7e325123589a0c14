import { HandoverError } from '@handover/contracts';
import { referencesOf, type JsonSchema } from '@handover/scenario';
import type { Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import { isStorable } from '../id.js';
import { schemasOf } from './schema.repository.js';
import type { SharedSchemas } from './shared-schemas.js';

const MOST = 100;
const MOST_BYTES = 1024 * 1024;

/**
 * Every schema that is needed to use a document: those it refers to, those they refer to, and so on. What is not known
 * is left out.
 * @param references ids that the document refers to
 * @throws HandoverError `invalid_scenario` when there are more than 100 of them, or more than 1 MiB
 */
export async function closureOf(
  tx: Transaction<EngineSchema>,
  references: ReadonlySet<string>,
  shared: SharedSchemas,
): Promise<Record<string, JsonSchema>> {
  const found = new Map<string, JsonSchema>();
  const asked = new Set<string>();
  let bytes = 0;
  for (let open = [...references]; open.length > 0;) {
    for (const id of open) asked.add(id);
    const own = await schemasOf(
      tx,
      open.filter((id) => !shared.has(id) && isStorable(id)),
    );
    const known = [
      ...open.flatMap((id) => entry(id, shared.get(id))),
      ...own.map(({ id, document }) => [id, document] as const),
    ];
    for (const [id, document] of known) {
      found.set(id, document);
      bytes += JSON.stringify(document).length;
    }
    if (found.size > MOST || bytes > MOST_BYTES) {
      const detail = `refers to more than ${MOST} schemas, or to more than ${MOST_BYTES} bytes of them`;
      throw new HandoverError('invalid_scenario', 'The scenario is not valid', { errors: [{ pointer: '', detail }] });
    }
    open = [...new Set(known.flatMap(([id, document]) => [...referencesOf(document, id)]))].filter(
      (id) => !asked.has(id),
    );
  }
  return Object.fromEntries(found);
}

const entry = (id: string, document: JsonSchema | undefined): (readonly [string, JsonSchema])[] =>
  document === undefined ? [] : [[id, document]];
