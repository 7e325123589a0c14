import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { identityOf, isRunning } from './identity.js';

export interface Lock {
  readonly release: () => Promise<void>;
}

const ATTEMPTS = 5;

/**
 * Takes a lock that ends with this process at the latest: whoever finds it later sees that its holder is gone.
 * @throws naming the holder when one is alive
 */
export async function takeLock(file: string): Promise<Lock> {
  const self = (await identityOf(process.pid)) ?? String(process.pid);
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, self);
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (await linked(draft, file)) return { release: () => release(file, self) };
      const holder = await readFile(file, 'utf8').catch(() => undefined);
      if (holder === undefined) continue;
      if (await isRunning(holder)) throw new Error(`process ${Number.parseInt(holder, 10)} uses it`);
      await clear(file, holder);
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw new Error('others are starting on it at the same time');
}

/** Linking is the one way to make a file with its content at once, and only when it is not there yet. */
async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a dead holder's lock away, and puts it back when somebody living took it in between. */
async function clear(file: string, holder: string): Promise<void> {
  const aside = `${file}.${process.pid}.stale`;
  await rename(file, aside).catch(() => undefined);
  const taken = await readFile(aside, 'utf8').catch(() => holder);
  if (taken !== holder) await linked(aside, file);
  await rm(aside, { force: true });
}

async function release(file: string, self: string): Promise<void> {
  const holder = await readFile(file, 'utf8').catch(() => undefined);
  if (holder === self) await rm(file, { force: true });
}
