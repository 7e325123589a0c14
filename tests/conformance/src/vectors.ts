import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { attempt } from './attempt.js';
import { diff, type Difference } from './diff.js';
import { KINDS } from './kinds/index.js';

/**
 * Finds the vectors below a folder: every JSON file in a folder named like a kind, installed packages aside.
 * @returns paths, sorted.
 * @throws Error when the folder cannot be read.
 */
export function findVectors(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith('.json') && KINDS.has(basename(dirname(path))) && !path.includes('node_modules'))
    .sort();
}

/**
 * Runs the vector in a file.
 * @returns every difference between what it expects and what happens; empty when it passes. Never throws.
 */
export function runVector(path: string): Difference[] {
  const kind = basename(dirname(path));
  const outcome = attempt(() => {
    const driver = KINDS.get(kind);
    if (!driver) throw new Error(`No such kind of vector: ${kind}`);
    return driver(JSON.parse(readFileSync(path, 'utf8')) as never);
  });
  return 'value' in outcome ? outcome.value : diff('run', 'no error', outcome.error.stack);
}
