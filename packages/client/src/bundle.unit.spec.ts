import { build } from 'esbuild';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

/** Compressed by far less than half of this; a schema library would be ten times as much. */
const LARGEST_BYTES = 16_000;

it('the REST client fits a browser: no Node, no schemas, and small', async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: [resolve(import.meta.dirname, 'index.ts')],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@handover/source'],
    metafile: true,
    write: false,
  });
  const foreign = Object.keys(metafile.inputs).filter((path) => !path.includes('packages/client/src/'));
  expect(foreign).toEqual([expect.stringContaining('eventsource-parser')]);
  expect(outputFiles[0]?.contents.length).toBeLessThan(LARGEST_BYTES);
});
