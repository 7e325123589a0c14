import {
  JSON_SCHEMA,
  LANGUAGE_SCHEMAS,
  normalize,
  parseJson,
  parseYaml,
  referencesOf,
  schemaRegistry,
  SIMPLIFIED_SCHEMA,
  type JsonSchema,
  type SchemaRegistry,
} from '@handover/scenario';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const TIMEOUT_MS = 5_000;
const PREFIX = 'schema:';

/**
 * The schemas that are referred to, and those they refer to (test-suite §1.2): `schema:KEY` is a file of the folder, anything
 * else is fetched; what cannot be had accepts everything, with a warning.
 */
export async function loadSchemas(
  references: ReadonlySet<string>,
  folder: string,
  warn: (text: string) => void,
): Promise<SchemaRegistry> {
  const found = new Map<string, JsonSchema>(Object.entries(LANGUAGE_SCHEMAS));
  const open = [...references];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    const schema = id.startsWith(PREFIX) ? await inFolder(folder, id.slice(PREFIX.length)) : await elsewhere(id);
    if (schema === undefined) warn(`there is no schema ${id}: it accepts everything`);
    const known = schema ?? {};
    found.set(id, known);
    if (typeof known === 'object' && typeof known.$id === 'string') found.set(known.$id, known);
    open.push(...referencesOf(known, id));
  }
  return schemaRegistry(Object.fromEntries(found));
}

async function inFolder(folder: string, key: string): Promise<JsonSchema | undefined> {
  const names = /\.(json|ya?ml)$/.test(key) ? [key] : ['yaml', 'yml', 'json'].map((extension) => `${key}.${extension}`);
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const document = name.endsWith('.json') ? parseJson(text) : parseYaml(text).value;
    return normalize(document, SIMPLIFIED_SCHEMA);
  }
  return undefined;
}

async function elsewhere(id: string): Promise<JsonSchema | undefined> {
  if (!/^https?:/.test(id)) return undefined;
  try {
    const answer = await fetch(id, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return answer.ok ? normalize(parseJson(await answer.text()), JSON_SCHEMA) : undefined;
  } catch {
    return undefined;
  }
}
