import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManagedChild, spawnNode } from './child.js';
import { eventually } from './eventually.js';

let directory: string;
let child: ManagedChild | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'handover-child-'));
});
afterEach(async () => {
  await child?.kill();
  await rm(directory, { recursive: true });
});

async function run(source: string, options = {}, name = 'script.mjs'): Promise<ManagedChild> {
  const script = join(directory, name);
  await writeFile(script, source);
  child = spawnNode(script, options);
  return child;
}

describe('a managed child', () => {
  it('gives the lines of both outputs and the exit', async () => {
    const { line, exited } = await run(`console.log('port', 42); console.error('careful'); process.exitCode = 3;`);
    expect((await line(/^port (\d+)$/))[1]).toBe('42');
    await line(/careful/);
    expect(await exited).toEqual({ code: 3, signal: null });
  });

  it('says at once, with the output, that the awaited line will not come', async () => {
    const { line } = await run(`console.log('sorry'); process.exit(1)`);
    await expect(line(/ready/, 60_000)).rejects.toThrow(/ended .*"code":1(.|\n)*sorry/);
  });

  it('lays its environment over that of the test', async () => {
    const { line } = await run(
      'console.log([process.env.PATH, process.env.HOME, process.env.MORE].map(String).join())',
      {
        env: { HOME: undefined, MORE: 'yes' },
      },
    );
    expect((await line(/.*,.*/))[0]).toBe(`${process.env.PATH},undefined,yes`);
  });

  it('takes everything it started along when it is killed', async () => {
    const { line, kill } = await run(`
      import { spawn } from 'node:child_process';
      const grandchild = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      console.log('grandchild', grandchild.pid);
      setInterval(() => {}, 1000);`);
    const [, pid] = await line(/^grandchild (\d+)$/);
    expect(await kill()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await kill()).toEqual({ code: null, signal: 'SIGKILL' });
    // Its parent is gone, so it may stay in the process table until somebody waits for it; it runs no more.
    await eventually(async () => {
      const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '(gone) X');
      expect(status).toMatch(/\) [ZX]/);
    });
  });

  it('runs TypeScript', async () => {
    const { line } = await run(`const text: string = 'typed'; console.log(text);`, {}, 'script.ts');
    await line(/^typed$/);
  });
});
