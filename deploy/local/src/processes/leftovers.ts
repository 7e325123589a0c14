import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identityOf, isRunning } from './identity.js';

/**
 * A note per process that was started, so that the next start can end what an earlier one left behind. Services stop by
 * themselves when their launcher is gone; this is for one that hangs.
 */
export class StartedProcesses {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async note(name: string, pid: number): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    await writeFile(join(this.#directory, name), (await identityOf(pid)) ?? '');
  }

  /** @returns names of those that had to be killed because they did not end within `graceMs` */
  async endLeftovers(graceMs: number): Promise<string[]> {
    const names = await readdir(this.#directory).catch(() => []);
    const killed = await Promise.all(names.map(async (name) => ((await this.#end(name, graceMs)) ? [name] : [])));
    await rm(this.#directory, { recursive: true, force: true });
    return killed.flat();
  }

  async #end(name: string, graceMs: number): Promise<boolean> {
    const identity = await readFile(join(this.#directory, name), 'utf8');
    const deadline = performance.now() + graceMs;
    while (await isRunning(identity)) {
      if (performance.now() > deadline) return kill(Number.parseInt(identity, 10));
      await delay(20);
    }
    return false;
  }
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in this very moment.
    return false;
  }
}
