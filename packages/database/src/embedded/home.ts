import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../log.js';
import { type Account, accountFor } from './account.js';
import { type Binaries, binariesIn, versionOf } from './binaries.js';

/** Where a server's files live, all of them reachable for the user it runs as. */
export interface Home {
  /** The data directory proper. Does not exist before the first start. */
  readonly cluster: string;
  /** Holds the admin password; beside the cluster, with the same owner. */
  readonly password: string;
  readonly account: Account;
  readonly binaries: Binaries;
  /** Such as `18.4`. */
  readonly version: string;
}

/**
 * Used when root starts the server from a place that the server's user cannot reach, such as a clone below root's home:
 * data and binaries are then kept here.
 */
const SHARED = '/var/lib/handover';
/** In the data directory: names the directory below SHARED that holds its data. */
const POINTER = 'location';

/** Prepares the directory and finds the user and the binaries. Idempotent: the same directory gives the same home. */
export async function prepareHome(dataDirectory: string, installed: Binaries, log?: Log): Promise<Home> {
  await mkdir(dataDirectory, { recursive: true });
  const directory = await reachableDirectory(await realpath(dataDirectory), log);
  const cluster = join(directory, 'cluster');
  const account = await accountFor(cluster);
  const binaries = await reachableBinaries(installed, account, log);
  return { cluster, password: join(directory, 'password'), account, ...binaries };
}

async function reachableDirectory(directory: string, log?: Log): Promise<string> {
  const pointer = join(directory, POINTER);
  const elsewhere = await readFile(pointer, 'utf8').catch(() => undefined);
  if (elsewhere !== undefined) return existing(elsewhere.trim(), pointer);
  const account = await accountFor(join(directory, 'cluster'));
  if (account.uid === undefined) return directory;
  await chmod(directory, 0o711);
  if (await canEnter(directory, account)) return directory;

  const key = createHash('sha256').update(directory).digest('hex').slice(0, 12);
  const home = join(SHARED, `${key}-${randomBytes(3).toString('hex')}`);
  const former = (await readdir(SHARED).catch(() => [])).filter((name) => name.startsWith(key));
  for (const name of former) {
    log?.warn(
      { directory: join(SHARED, name) },
      `data of an earlier ${directory} is still there; remove it if unwanted`,
    );
  }
  await openDirectory(SHARED);
  await openDirectory(home);
  await writeFile(join(home, 'origin'), `${directory}\n`);
  await writeFile(pointer, `${home}\n`);
  log?.info({ directory: home }, `${directory} is closed to the user Postgres runs as; its data is kept in ${home}`);
  return home;
}

async function existing(directory: string, pointer: string): Promise<string> {
  if (await stat(directory).catch(() => undefined)) return directory;
  throw new Error(`${pointer} says that the data is in ${directory}, which is gone: restore it, or remove ${pointer}`);
}

async function canEnter(directory: string, account: Account): Promise<boolean> {
  const test = promisify(execFile)('/bin/sh', ['-c', 'test -x "$0"', directory], { ...account, cwd: '/' });
  return test.then(
    () => true,
    () => false,
  );
}

async function reachableBinaries(
  installed: Binaries,
  account: Account,
  log?: Log,
): Promise<Pick<Home, 'binaries' | 'version'>> {
  const version = await versionOf(installed, account);
  if (version !== undefined) return { binaries: installed, version };
  const own = await versionOf(installed, {});
  const copy = binariesIn(join(SHARED, `postgresql-${own}`));
  if (!(await stat(copy.directory).catch(() => undefined))) {
    log?.info({ directory: copy.directory }, `the Postgres binaries are copied to ${copy.directory}`);
    await copyWhole(installed.directory, copy.directory);
  }
  const copied = await versionOf(copy, account);
  if (copied === undefined) throw new Error(`the user Postgres runs as cannot reach ${copy.directory}`);
  return { binaries: copy, version: copied };
}

/** All or nothing: an interrupted copy is never taken for a complete one. */
async function copyWhole(from: string, to: string): Promise<void> {
  await openDirectory(SHARED);
  const partial = join(SHARED, `${basename(to)}.${process.pid}`);
  await cp(from, partial, { recursive: true, verbatimSymlinks: true });
  // A strict umask may have closed what was installed.
  await promisify(execFile)('chmod', ['-R', 'a+rX', partial]);
  await rename(partial, to).catch(async (error: unknown) => {
    await rm(partial, { recursive: true, force: true });
    // Somebody else was faster.
    if (!(await stat(to).catch(() => undefined))) throw error;
  });
}

/** Others may pass through, whatever the umask says, but not look around. */
async function openDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o711);
}
