import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';

import { describe } from './diff.js';
import { KINDS } from './kinds/index.js';
import { findVectors, runVector } from './vectors.js';

const USAGE = 'Usage: pnpm conformance DIR…';
const HELP = `${USAGE}

Runs every conformance vector below the folders: JSON files in folders named ${[...KINDS.keys()].join(', ')}.
Prints what differs for each that fails, then a last line "N passed, N failed".

Exit code: 0 all passed, 1 some failed, 2 wrong arguments.`;

process.exitCode = main(process.argv.slice(2));

function main(argv: string[]): number {
  const folders = foldersOf(argv);
  if (folders === 'help') {
    console.log(HELP);
    return 0;
  }
  const vectors = folders?.flatMap(findVectors);
  if (!vectors || vectors.length === 0) {
    console.error(vectors ? `No vectors below ${folders?.join(', ')}\n${USAGE}` : USAGE);
    return 2;
  }
  return run(vectors);
}

/** @returns the folders named, `help`, or undefined when the arguments make no sense. */
function foldersOf(argv: string[]): string[] | 'help' | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      options: { help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    if (values.help) return 'help';
    const missing = positionals.find((path) => !statSync(path, { throwIfNoEntry: false })?.isDirectory());
    if (missing !== undefined) console.error(`There is no folder '${missing}'`);
    return positionals.length > 0 && missing === undefined ? positionals : undefined;
  } catch {
    return undefined;
  }
}

function run(vectors: readonly string[]): number {
  let failed = 0;
  for (const path of vectors) {
    const differences = runVector(path);
    if (differences.length === 0) continue;
    failed++;
    console.log(`FAILED ${relative('.', path)}\n${differences.map(describe).join('\n').replaceAll(/^/gm, '  ')}\n`);
  }
  console.log(`${vectors.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}
