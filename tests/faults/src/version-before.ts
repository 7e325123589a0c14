import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');

/** What was released last, as `deploy/setup/schema` notes it: a commit, and by service the names of its migrations. */
type Released = Readonly<Record<string, Readonly<Record<string, string>>>> & { readonly commit: string };

export interface VersionBefore {
  /** Workspace in which its programs are built. */
  readonly folder: string;
  /** The newest of its migrations of the engine. */
  readonly lastMigration: string;
}

/**
 * Takes the version before out of the repository's history and builds it as it was, with the packages of its own lock file; once.
 * @returns why there is none: a shallow clone has no history, and packages come over the network
 */
export async function versionBefore(): Promise<VersionBefore | string> {
  const { commit, engine } = JSON.parse(
    await readFile(join(ROOT, 'deploy/setup/schema/released.json'), 'utf8'),
  ) as Released;
  const folder = join(ROOT, '.cache', `before-${commit.slice(0, 12)}`);
  try {
    await mkdir(folder, { recursive: true });
    await run('sh', ['-c', 'git archive "$0" | tar -x -C "$1"', commit, folder], { cwd: ROOT });
    await run(process.execPath, ['deploy/local/bootstrap.mjs', 'build'], { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return error instanceof Error ? error.message : String(error);
  }
  return { folder, lastMigration: Object.keys(engine ?? {}).at(-1) ?? '' };
}
