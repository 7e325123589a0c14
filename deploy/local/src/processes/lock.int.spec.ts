import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnNode } from '@handover/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf, isRunning } from './identity.js';
import { takeLock } from './lock.js';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'handover-lock-'));
  file = join(directory, 'lock');
});
afterEach(() => rm(directory, { recursive: true }));

const taker = join(import.meta.dirname, 'lock.fixture.ts');

/** Like the identity of a process that has ended. */
async function formerIdentity(): Promise<string> {
  const script = join(directory, 'wait.mjs');
  await writeFile(script, 'setInterval(() => {}, 1000)');
  const child = spawnNode(script);
  const identity = await identityOf(child.pid);
  await child.kill();
  return identity ?? '';
}

describe('the identity of a process', () => {
  it('tells it from one that had the same number', async () => {
    const identity = (await identityOf(process.pid)) ?? '';
    expect(identity).toMatch(new RegExp(`^${process.pid} \\S+$`));
    expect(await isRunning(identity)).toBe(true);
    expect(await isRunning(`${identity}0`)).toBe(false);
  });

  it('is none when there is no such process', async () => {
    expect(await isRunning(await formerIdentity())).toBe(false);
    expect(await Promise.all([0, -1, Number.NaN, 2 ** 30].map(identityOf))).toEqual(Array(4).fill(undefined));
    expect(await isRunning('')).toBe(false);
  });
});

describe('a lock', () => {
  it('is held once, named by its holder, and free after release', async () => {
    const lock = await takeLock(file);
    await expect(takeLock(file)).rejects.toThrow(`process ${process.pid} uses it`);
    await lock.release();
    await (await takeLock(file)).release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('is taken from a holder that is gone', async () => {
    await writeFile(file, await formerIdentity());
    await takeLock(file);
    expect(await readFile(file, 'utf8')).toBe(await identityOf(process.pid));
  });

  it('is not taken away by a release that comes too late', async () => {
    const former = await takeLock(file);
    await writeFile(file, 'another');
    await former.release();
    expect(await readFile(file, 'utf8')).toBe('another');
  });

  it.each([true, false])('goes to one of many who want it at the same time (stale: %s)', async (stale) => {
    if (stale) await writeFile(file, await formerIdentity());
    const takers = Array.from({ length: 4 }, () => spawnNode(taker, { args: [file] }));
    const answers = await Promise.all(takers.map(async ({ line }) => (await line(/taken|uses it|same time/))[0]));
    await Promise.all(takers.map(({ kill }) => kill()));
    expect(answers.filter((answer) => answer === 'taken')).toHaveLength(1);
  });
});
