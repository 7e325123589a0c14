import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';

import { build } from 'esbuild';
import { expect, it } from 'vitest';

const README = new URL('../README.md', import.meta.url);

/** @returns the first JavaScript example of the README. */
function example(): string {
  const [, code] = /```js\n([\s\S]*?)```/.exec(readFileSync(README, 'utf8')) ?? [];
  if (code === undefined) throw new Error('The README has no example');
  return code;
}

it("runs the README's example in a browser: bundled, without anything of Node", { timeout: 30_000 }, async () => {
  const bundle = await build({
    stdin: { contents: example(), resolveDir: new URL('.', import.meta.url).pathname },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    conditions: ['@handover/source'],
    write: false,
    logLevel: 'silent',
  });
  const lines: unknown[] = [];
  // What every browser has and the language itself has not.
  const browser = { TextEncoder, console: { log: (line: unknown) => lines.push(line) } };
  runInContext(bundle.outputFiles[0]?.text ?? '', createContext(browser));

  expect(bundle.warnings).toEqual([]);
  expect(lines).toEqual(['(approved)', 'Trip to Delft', true]);
});
