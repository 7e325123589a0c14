import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ManagedChild, spawnNode } from '@handover/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
let clone: string;
let child: ManagedChild | undefined;

/** A small workspace with the real bootstrap; `pnpm` is a program of the test that writes down how it was called. */
beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'handover-clone-'));
  const bootstrap = join(clone, 'deploy/local/bootstrap');
  await mkdir(bootstrap, { recursive: true });
  await copyFile(join(root, 'deploy/local/bootstrap.mjs'), join(clone, 'deploy/local/bootstrap.mjs'));
  for (const name of await readdir(join(root, 'deploy/local/bootstrap'))) {
    await copyFile(join(root, 'deploy/local/bootstrap', name), join(bootstrap, name));
  }
  await mkdir(join(clone, 'node_modules'));
  await symlink(join(root, 'node_modules/esbuild'), join(clone, 'node_modules/esbuild'));
  await mkdir(join(clone, 'bin'));
  const pnpm = `#!/bin/sh\nif [ "$1" = --version ]; then echo 1.2.3; else echo "$@" >> '${clone}/calls'; fi\nexit "\${PNPM_EXIT:-0}"\n`;
  await writeFile(join(clone, 'bin/pnpm'), pnpm, { mode: 0o755 });
  await write({
    'package.json': '{"type":"module","packageManager":"pnpm@1.2.3"}',
    'pnpm-lock.yaml': 'lockfileVersion: 9',
    'pnpm-workspace.yaml': 'packages:\n  - packages/*\n  - deploy/local\n\ncatalog: {}\n',
    'packages/a/package.json': '{"name":"a"}',
    'packages/a/src/index.ts': 'export const a: number = 1;\n',
    'packages/a/src/deep/b.ts': 'export type B = string;\nexport const b = "b" as B;\n',
    'packages/a/src/deep/data.json': '{"kept":true}',
    'packages/a/src/index.unit.spec.ts': 'broken (',
  });
});
afterEach(async () => {
  await child?.kill();
  await rm(clone, { recursive: true });
});

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(clone, name, '..'), { recursive: true });
    await writeFile(join(clone, name), content);
  }
}

async function bootstrap(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; text: string }> {
  child = spawnNode(join(clone, 'deploy/local/bootstrap.mjs'), {
    args,
    cwd: clone,
    env: { PATH: `${clone}/bin:${process.env.PATH}`, ...env },
  });
  const { code } = await child.exited;
  return { code, text: child.lines.join('\n') };
}

const calls = async () => (await readFile(join(clone, 'calls'), 'utf8')).trim().split('\n');
const outputs = async () => (await readdir(join(clone, 'packages/a/dist'), { recursive: true })).sort();

describe('the bootstrap', () => {
  it('installs what the lock file says, once per change', async () => {
    expect((await bootstrap(['build'])).text).toMatch(/dependencies +installed/);
    expect((await bootstrap(['build'])).text).toMatch(/dependencies +unchanged/);
    expect(await calls()).toEqual(['install --frozen-lockfile --config.confirm-modules-purge=false']);
    await write({ 'packages/a/package.json': '{"name":"a","version":"2"}' });
    await bootstrap(['build']);
    await write({ 'packages/new/package.json': '{"name":"new"}' });
    await bootstrap(['build']);
    await rm(join(clone, 'node_modules/.handover-install'));
    await bootstrap(['build']);
    expect(await calls()).toHaveLength(4);
  });

  it('fails with the words of the package manager, and tries again the next time', async () => {
    const { code, text } = await bootstrap(['build'], { PNPM_EXIT: '7' });
    expect([code, text]).toEqual([1, expect.stringContaining('failed')]);
    expect((await bootstrap(['build'])).text).toMatch(/dependencies +installed/);
  });

  it('builds file by file, without tests, with maps and whatever lies beside the sources', async () => {
    await bootstrap(['build']);
    expect(await outputs()).toEqual(
      ['deep', 'deep/b.js', 'deep/b.js.map', 'deep/data.json', 'index.js', 'index.js.map'].sort(),
    );
    expect(await readFile(join(clone, 'packages/a/dist/deep/b.js'), 'utf8')).toMatch(
      /^const b = "b";\nexport \{\n {2}b\n};/,
    );
  });

  it('builds only when a source changed or an output is missing, and removes what has no source', async () => {
    await bootstrap(['build']);
    expect((await bootstrap(['build'])).text).toMatch(/build +unchanged/);
    await rm(join(clone, 'packages/a/dist/deep/b.js'));
    expect((await bootstrap(['build'])).text).toMatch(/build +2 modules/);
    await rm(join(clone, 'packages/a/src/deep'), { recursive: true });
    expect((await bootstrap(['build'])).text).toMatch(/build +1 modules/);
    expect((await outputs()).filter((name) => name.includes('.'))).toEqual(['index.js', 'index.js.map']);
  });

  it('names the file that cannot be built', async () => {
    await write({ 'packages/a/src/index.ts': 'export const = 1' });
    const { code, text } = await bootstrap(['build']);
    expect([code, text]).toEqual([1, expect.stringContaining('packages/a/src/index.ts:1:13')]);
  });

  it.each([[['start', '--help']], [['start', '-h']], [['--help']], [[]]])(
    'helps without installing: %j',
    async (args) => {
      const { code, text } = await bootstrap(args);
      expect([code, text]).toEqual([0, expect.stringMatching(/HANDOVER_DATA(.|\n)*DATABASE_URL(.|\n)*AMQP_URL/)]);
      await expect(calls()).rejects.toThrow('ENOENT');
    },
  );

  it('refuses what it does not know', async () => {
    expect((await bootstrap(['strat'])).code).toBe(2);
    expect((await bootstrap(['start', '--port=1'])).code).toBe(1);
  });

  it('stops when the shell between npm and it is gone, which passes no signal on', async () => {
    await write({
      'node_modules/vitest/vitest.mjs': `
        process.on('SIGTERM', () => { console.log('told to stop'); process.exit(0); });
        setInterval(() => {}, 1000);
        console.log('at work, shell', process.ppid);`,
      'npm.mjs': `
        import { spawn } from 'node:child_process';
        spawn('sh', ['-c', 'node deploy/local/bootstrap.mjs test; true'], { stdio: 'inherit' });`,
    });
    child = spawnNode(join(clone, 'npm.mjs'), {
      cwd: clone,
      env: { PATH: `${clone}/bin:${process.env.PATH}`, npm_lifecycle_event: 'test' },
    });
    const [, shell] = await child.line(/^at work, shell (\d+)$/);
    process.kill(Number(shell), 'SIGTERM');
    await child.line(/^told to stop$/);
  });

  it('hands arguments on to vitest and takes over its exit code', async () => {
    await write({
      'node_modules/vitest/vitest.mjs': 'console.log("vitest", process.argv.slice(2).join(" ")); process.exitCode = 5;',
    });
    const { code, text } = await bootstrap(['test', '--project', 'unit']);
    expect([code, text]).toEqual([
      5,
      expect.stringContaining('vitest run --config .config/vitest.config.ts --root . --project unit'),
    ]);
  });
});
