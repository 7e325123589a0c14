import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { Recording } from './recording.js';

export interface SpawnNodeOptions {
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Laid over this process's environment; `undefined` takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether it imports the workspace's packages from their sources; default: a script in TypeScript does. */
  readonly fromSource?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ManagedChild {
  readonly pid: number;
  /** Lines of its standard output and standard error, as they came. */
  readonly lines: readonly string[];
  /** The first line, past or future, that matches. Fails at once when the child has ended without it. */
  readonly line: (pattern: RegExp, withinMs?: number) => Promise<RegExpMatchArray>;
  readonly exited: Promise<Exit>;
  /** To the child alone, as `kill` does. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** To the child and everything it started that is still in its process group, as Ctrl-C does. */
  readonly signalGroup: (name: NodeJS.Signals) => void;
  /** Kills the whole group and waits for the child's end. Idempotent. For `afterEach`. */
  readonly kill: () => Promise<Exit>;
}

/** Lets a child run TypeScript, and the workspace's packages from their sources, as the tests do. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const FROM_SOURCE = ['--import', TSX, '--conditions', '@handover/source'];

/**
 * Runs a script, JavaScript or TypeScript, with this Node as the leader of a process group of its own. The group dies with
 * the test process.
 */
export function spawnNode(script: string, options: SpawnNodeOptions = {}): ManagedChild {
  const { args = [], cwd, env = {}, fromSource = script.endsWith('.ts') } = options;
  const node = fromSource ? FROM_SOURCE : [];
  const child = spawn(process.execPath, [...node, script, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${script}`);
  const output = new Recording<string | Exit>('lines of output');
  const streams = [child.stdout, child.stderr].map((stream) => recordLines(stream, output));
  const exited = exitOf(child).then(async (exit) => {
    await Promise.all(streams);
    output.record(exit);
    return exit;
  });
  const signalGroup = (name: NodeJS.Signals) => {
    sendSignal(-pid, name);
  };
  const onTestEnd = () => {
    signalGroup('SIGKILL');
  };
  process.once('exit', onTestEnd);
  return {
    pid,
    get lines() {
      return output.items.filter((item) => typeof item === 'string');
    },
    line: (pattern, withinMs) => firstMatch(output, pattern, withinMs),
    exited,
    signal: (name) => {
      sendSignal(pid, name);
    },
    signalGroup,
    kill: async () => {
      signalGroup('SIGKILL');
      process.removeListener('exit', onTestEnd);
      return exited;
    },
  };
}

async function recordLines(stream: Readable, output: Recording<string | Exit>): Promise<void> {
  for await (const line of createInterface({ input: stream })) output.record(line);
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
}

async function firstMatch(
  output: Recording<string | Exit>,
  pattern: RegExp,
  withinMs?: number,
): Promise<RegExpMatchArray> {
  const found = await output.first((item) => typeof item !== 'string' || pattern.test(item), withinMs);
  const match = typeof found === 'string' ? pattern.exec(found) : null;
  if (match) return match;
  const lines = output.items.filter((item) => typeof item === 'string').slice(-20);
  throw new Error(`the process ended (${JSON.stringify(found)}) without a line ${pattern}:\n  ${lines.join('\n  ')}`);
}

function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
