import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { serverEnvironment } from './cluster.js';
import type { Home } from './home.js';
import { stopServer } from './orphan.js';

/**
 * Runs the server until its input closes, then stops it: whatever ends the process at the other end of the pipe ends the
 * server too. Prints the server's process id.
 */
const WATCH = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
echo $server
(read -r _ <&3; kill -INT $server 2>/dev/null) &
watch=$!
exec 3<&-
wait $server
status=$?
kill $watch 2>/dev/null
exit $status
`;

export interface RunningServer {
  readonly pid: number;
  /** Resolves with the exit code when the server has ended, whoever ended it. */
  readonly exited: Promise<number | null>;
  /** Ends it in order; harder when it has not ended after `graceMs`. Idempotent. */
  readonly stop: (graceMs?: number) => Promise<void>;
}

/**
 * Starts the server on a loopback port.
 * @param logFile where its log goes; a long one is put aside first
 * @param env laid over its environment
 */
export async function runServer(
  home: Home,
  port: number,
  logFile: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  await putAside(logFile);
  const log = await open(logFile, 'a', 0o600);
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'log_timezone=UTC', 'timezone=UTC'];
  const command = [home.binaries.postgres, '-D', home.cluster, '-p', String(port)];
  const child = spawn('/bin/sh', ['-c', WATCH, 'sh', ...command, ...settings.flatMap((setting) => ['-c', setting])], {
    ...home.account,
    cwd: '/',
    env: { ...serverEnvironment(), ...env },
    // Out of the terminal's process group: Ctrl-C is for us, and the server stops after those who use it.
    detached: true,
    stdio: ['pipe', 'pipe', log.fd],
  });
  const exited = exitOf(child);
  await log.close();
  const pid = await firstNumber(child);
  return {
    pid,
    exited,
    stop: async (graceMs) => {
      child.stdin?.end();
      await stopServer(pid, home.cluster, graceMs);
      await exited;
    },
  };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  // Breaks when the watching shell is killed.
  child.stdin?.on('error', () => undefined);
  return once(child, 'exit').then(
    ([code]) => code as number | null,
    // It could not be started at all; whoever waits for its process id hears of it.
    () => null,
  );
}

async function firstNumber(child: ChildProcess): Promise<number> {
  if (!child.stdout) throw new Error('the server has no output');
  for await (const line of createInterface({ input: child.stdout })) return Number(line);
  throw new Error('the shell that starts Postgres ended at once');
}

const LONG = 5 * 1024 * 1024;

async function putAside(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (file) => file.size,
    () => 0,
  );
  if (size > LONG) await rename(logFile, `${logFile}.1`);
}

/** The last lines of the server's log, for an error. */
export async function lastLines(logFile: string, count = 5): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
