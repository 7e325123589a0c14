import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { describe as inWords } from './src/diff.js';
import { KINDS } from './src/kinds/index.js';
import { findVectors, runVector } from './src/vectors.js';

const here = dirname(fileURLToPath(import.meta.url));
/** The whole set lies beside the repository; the copies kept here are the essential cases. */
const whole = join(here, '../../../shared/conformance');
const folder = existsSync(whole) ? whole : join(here, 'vectors');
const vectors = findVectors(folder);

process.stdout.write(
  `conformance: ${vectors.length} vectors, ${folder === whole ? 'the whole set' : 'the essential cases'}\n`,
);

describe('conformance', () => {
  it('has vectors of every kind', () => {
    expect(new Set(vectors.map(kindOf))).toEqual(new Set(KINDS.keys()));
  });

  it.each(vectors.map((path) => [`${kindOf(path)}/${basename(path)}`, path]))('%s', (_, path) => {
    expect(runVector(path).map(inWords).join('\n')).toBe('');
  });
});

function kindOf(path: string): string {
  return basename(dirname(path));
}
