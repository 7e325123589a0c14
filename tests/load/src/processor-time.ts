import { readFileSync, readdirSync } from 'node:fs';

/** Processor time used up to now, by name, in milliseconds; empty where the system does not tell (it needs /proc). */
export type ProcessorTimes = Readonly<Record<string, number>>;

/** Linux counts in hundredths of a second, whatever the kernel's own clock. */
const MS_PER_TICK = 10;

/** Processes whose processor time is of interest. */
export interface Watched {
  readonly pids: Readonly<Record<string, number>>;
  /** Postgres's first process: its connections are its children. Absent when it runs elsewhere. */
  readonly postmaster?: number | undefined;
}

/** User and system time of each, and of the load generator (this process) itself. */
export function processorTimes({ pids, postmaster }: Watched): ProcessorTimes {
  const times: Record<string, number> = {};
  for (const [name, pid] of Object.entries({ ...pids, client: process.pid })) {
    const used = timesOf(pid);
    if (used) times[name] = used.own;
  }
  const server = postmaster === undefined ? undefined : timesOf(postmaster);
  // Connections that have ended are counted with their parent.
  if (server) times.postgres = server.own + server.ended + sum(childrenOf(postmaster ?? 0));
  return times;
}

export function difference(before: ProcessorTimes, after: ProcessorTimes): ProcessorTimes {
  return Object.fromEntries(Object.entries(after).map(([name, used]) => [name, used - (before[name] ?? 0)]));
}

const sum = (pids: readonly number[]): number => pids.reduce((total, pid) => total + (timesOf(pid)?.own ?? 0), 0);

/** proc(5): after the name in parentheses come state, parent, … and the four times as fields 14 to 17. */
function fieldsOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function timesOf(pid: number): { own: number; ended: number } | undefined {
  const fields = fieldsOf(pid);
  if (!fields) return undefined;
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15).map(Number);
  return { own: (user + system) * MS_PER_TICK, ended: (childUser + childSystem) * MS_PER_TICK };
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => Number(fieldsOf(pid)?.[1]) === parent);
}

/** Resident memory in MiB; undefined where the system does not tell. */
export function residentMiB(pid: number): number | undefined {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}

/** The parent of a server process; undefined when there is no such process here. */
export function parentOf(pid: number): number | undefined {
  const parent = Number(fieldsOf(pid)?.[1]);
  return Number.isSafeInteger(parent) ? parent : undefined;
}
