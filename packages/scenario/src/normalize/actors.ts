import { objectOrEmpty } from './error.js';
import { isObject } from './json.js';
import type { Actor } from './normalized.js';
import { normalizeSchema } from './simplified-schema.js';
import { titleFromKey } from './title.js';

/** What every actor of a process has; an author's own schema for these gives way (§5.3). */
const STANDARD_PROPERTIES = {
  id: { type: 'string' },
  title: { type: 'string' },
  role: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
};

/**
 * scenario-language §5.3.
 * @throws NormalizeError when the actor is neither an object nor a shorthand.
 */
export function normalizeActor(key: string, authored: unknown): Actor {
  const written = typeof authored === 'string' ? normalizeSchema(authored) : authored;
  const schema = objectOrEmpty(written, `actor '${key}'`);
  const actor: Record<string, unknown> = { ...schema, title: schema.title ?? titleFromKey(key) };
  if ('$ref' in actor) return actor as unknown as Actor;
  const properties = { ...(isObject(schema.properties) ? schema.properties : {}), ...STANDARD_PROPERTIES };
  return normalizeSchema({ ...actor, type: schema.type ?? 'object', properties }) as unknown as Actor;
}
