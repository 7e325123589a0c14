import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../log.js';
import type { Account } from './account.js';
import type { Home } from './home.js';

export const ADMIN = 'postgres';

/**
 * Makes the cluster on the first start. It is made beside its place and renamed when it is complete, so that an
 * interrupted start leaves nothing that looks like one.
 * @returns the admin password
 * @throws when another major version wrote the cluster, or it is damaged
 */
export async function ensureCluster(home: Home, log?: Log): Promise<string> {
  if (await stat(home.cluster).catch(() => undefined)) {
    await checkVersion(home);
    return readFile(home.password, 'utf8').catch((cause: unknown) => {
      throw new Error(`the admin password is missing: restore ${home.password}`, { cause });
    });
  }
  const started = performance.now();
  const password = randomBytes(24).toString('base64url');
  const unfinished = `${home.cluster}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(home.password, password, { mode: 0o600 });
  await give(unfinished, home.account);
  await give(home.password, home.account);
  await initdb(home, unfinished);
  await rename(unfinished, home.cluster);
  await syncDirectory(dirname(home.cluster));
  const tookMs = Math.round(performance.now() - started);
  log?.info({ directory: home.cluster, tookMs }, `a PostgreSQL ${home.version} cluster was made in ${home.cluster}`);
  return password;
}

async function initdb(home: Home, directory: string): Promise<void> {
  const options = [
    `--pgdata=${directory}`,
    `--username=${ADMIN}`,
    `--pwfile=${home.password}`,
    '--auth-host=scram-sha-256',
    '--auth-local=reject',
    // The server's own C.UTF-8: sorts the same on every system, and no system update can break an index.
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ];
  try {
    await promisify(execFile)(home.binaries.initdb, options, { ...home.account, cwd: '/', env: serverEnvironment() });
  } catch (cause) {
    const output = (cause as { stderr?: string }).stderr ?? String(cause);
    throw new Error(`initdb failed: ${output.trim()}`, { cause });
  }
}

/** The caller's `PG…` variables and locale would change what the programs do. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C' };
}

async function checkVersion(home: Home): Promise<void> {
  const written = await readFile(join(home.cluster, 'PG_VERSION'), 'utf8').catch((cause: unknown) => {
    throw new Error(`${home.cluster} is not a Postgres data directory: move it away or restore it`, { cause });
  });
  const [major = ''] = home.version.split('.');
  if (written.trim() === major) return;
  throw new Error(
    `${home.cluster} was written by PostgreSQL ${written.trim()}, and this version of Handover brings ${home.version}. ` +
      `Start the former version once more, save the data with pg_dump and restore it into a new data directory; ` +
      `or run a PostgreSQL ${written.trim()} of your own on it and name that one in DATABASE_URL.`,
  );
}

async function give(path: string, { uid, gid }: Account): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

/** Makes a rename survive a power cut. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
