import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Log } from '../log.js';

/** No system gives out so high a number. */
const NO_PROCESS = 2 ** 30;

/**
 * Clears the way after a start whose end nobody saw: stops a server that still runs on this cluster, and makes its pid
 * file harmless when the number in it belongs to another process by now, which would keep the server from starting.
 * @throws when the server does not stop
 */
export async function stopOrphan(cluster: string, log?: Log): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const content = await readFile(pidFile, 'utf8').catch(() => undefined);
  const pid = Number.parseInt(content ?? '', 10);
  if (content === undefined || Number.isNaN(pid) || !send(pid, 0)) return;
  if (await isServerOf(pid, cluster)) {
    log?.warn({ pid }, 'a Postgres server of an earlier start still runs on this data and is stopped');
    await stopServer(pid, cluster);
  } else {
    // Only the number is replaced: by the rest of the file the server finds out whether its memory is still in use.
    await writeFile(pidFile, content.replace(/^\d+/, String(NO_PROCESS)));
  }
}

/**
 * Fast shutdown; when that takes too long an immediate one, from which the next start recovers without loss.
 * @throws when even a kill does not end it
 */
export async function stopServer(pid: number, cluster: string, graceMs = 30_000): Promise<void> {
  const steps = [
    ['SIGINT', graceMs],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const;
  for (const [signal, withinMs] of steps) {
    send(pid, signal);
    const deadline = performance.now() + withinMs;
    while (await isServerOf(pid, cluster)) {
      if (performance.now() > deadline) break;
      await delay(10);
    }
    if (!(await isServerOf(pid, cluster))) return;
  }
  throw new Error(`the Postgres server with process id ${pid} does not stop`);
}

/** By its command line, because numbers are used again. One that has ended but was not waited for has none. */
async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  if (!send(pid, 0)) return false;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => commandLine(pid));
  return command.includes(cluster);
}

/** For systems without `/proc`. */
async function commandLine(pid: number): Promise<string> {
  const answer = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'command=']).catch(() => ({ stdout: '' }));
  return answer.stdout;
}

/** @returns false when there is no such process */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
