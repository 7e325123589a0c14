import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Names a running process for good: its number and when it started, because numbers are used again.
 * @returns one word pair such as `4711 8361234`; undefined when there is no such process, or it has ended and only waits to
 * be noticed
 */
export async function identityOf(pid: number): Promise<string | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !exists(pid)) return undefined;
  const started = process.platform === 'linux' ? await startOnLinux(pid) : await startElsewhere(pid);
  return started === undefined ? undefined : `${pid} ${started}`;
}

/** @param identity as {@link identityOf} gave it, perhaps in an earlier life of this machine */
export async function isRunning(identity: string): Promise<boolean> {
  return (await identityOf(Number.parseInt(identity, 10))) === identity;
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** proc(5): after the name in parentheses, which may hold anything, come the state and, 19 fields on, the start time. */
async function startOnLinux(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : fields[18];
}

async function startElsewhere(pid: number): Promise<string | undefined> {
  // Windows has no ps: there the number alone must do.
  if (process.platform === 'win32') return 'running';
  const answer = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return answer.stdout.trim().replaceAll(/\s+/g, '-') || undefined;
}
