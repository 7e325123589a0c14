import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CHUNK = Buffer.alloc(1024 * 1024, 'x');

/** A file system of its own, small enough to be filled. */
export interface SmallDisk {
  /** Where something can be kept on it. */
  readonly directory: string;
  /** Takes up all that is left of it. */
  fill(): Promise<void>;
  /** Gives that back. */
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** @returns undefined where none can be made: that takes root and Linux */
export async function smallDisk(megabytes: number): Promise<SmallDisk | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'handover-disk-'));
  const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'handover-disk', directory];
  try {
    if (process.getuid?.() !== 0) throw new Error('only root may mount');
    await run('mount', options);
  } catch {
    await rm(directory, { recursive: true });
    return undefined;
  }
  const ballast = join(directory, 'ballast');
  return {
    directory,
    async fill() {
      const file = await open(ballast, 'a');
      try {
        for (;;) await file.write(CHUNK);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        await file.close();
      }
    },
    free: () => rm(ballast, { force: true }),
    async remove() {
      await run('umount', ['--lazy', directory]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
