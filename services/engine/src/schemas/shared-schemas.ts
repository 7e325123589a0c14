import { LANGUAGE_SCHEMAS, parseJson, parseYaml, type JsonSchema } from '@handover/scenario';
import type { Logger } from '@handover/runtime';
import { readFile, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { readSchema } from './read-schema.js';

/** Schemas that every tenant has, by id. */
export type SharedSchemas = ReadonlyMap<string, JsonSchema>;

const EXTENSIONS: ReadonlySet<string> = new Set(['.json', '.yaml', '.yml']);

/**
 * The schemas of the language, and those directly in a folder (engine-service §7.5). A file that is no schema is left out
 * with a warning, and so is one whose id another has; a folder that is not there has none.
 */
export async function loadSharedSchemas(folder: string | undefined, log: Logger): Promise<SharedSchemas> {
  const shared = new Map<string, JsonSchema>(Object.entries(LANGUAGE_SCHEMAS));
  for (const file of folder === undefined ? [] : await filesOf(folder)) {
    try {
      const text = await readFile(join(folder ?? '', file), 'utf8');
      const { id, document } = readSchema(extname(file) === '.json' ? parseJson(text) : parseYaml(text).value);
      if (shared.has(id)) throw new Error(`another schema has the id ${id}`);
      shared.set(id, document);
    } catch (error) {
      log.warn({ err: error, file }, 'left out a file that is no schema');
    }
  }
  return shared;
}

async function filesOf(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && EXTENSIONS.has(extname(entry.name)));
    return files.map(({ name }) => name).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
