import { execFile } from 'node:child_process';
import { access, chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Where Debian's `libfaketime` puts it. */
const LIBRARIES = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map(
  (triplet) => `/usr/lib/${triplet}/faketime/libfaketime.so.1`,
);

/** A clock of the wall that can be set, for processes started with its environment. */
export interface FakedClock {
  readonly env: Readonly<Record<string, string>>;
  /** From now on it is so many seconds off; what measures durations goes on as it did. */
  set(offsetSeconds: number): Promise<void>;
  remove(): Promise<void>;
}

/** Installs `libfaketime` where it is missing and may be. @returns undefined where there is none */
export async function fakedClock(): Promise<FakedClock | undefined> {
  const library = (await installed()) ?? (await install());
  if (library === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'handover-clock-'));
  // Servers that run as other users read it too.
  await chmod(folder, 0o755);
  const file = join(folder, 'offset');
  const set = async (offsetSeconds: number): Promise<void> => {
    // Renamed into place: nobody reads half of it.
    await writeFile(`${file}.new`, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}s\n`);
    await rename(`${file}.new`, file);
  };
  await set(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    set,
    remove: () => rm(folder, { recursive: true }),
  };
}

async function installed(): Promise<string | undefined> {
  for (const library of LIBRARIES) {
    const found = await access(library).then(
      () => library,
      () => undefined,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

async function install(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'faketime'], { env });
  } catch {
    return undefined;
  }
  return installed();
}
