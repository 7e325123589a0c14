import type { EmbeddedPostgres } from '@handover/database/embedded';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A Postgres of one's own, which can be taken down and up again with what is on its disk. */
export interface OwnPostgres {
  /** Connects to its database `handover` as a superuser; the same after every start. */
  readonly adminUrl: string;
  /** Where its data is. */
  readonly cluster: string;
  /** Ends it in order, as an upgrade does; connections are broken off. */
  readonly down: () => Promise<void>;
  /** SIGKILL to the server: it has to recover from its log. */
  readonly crash: () => Promise<void>;
  /** SIGSTOP to all its processes: it takes connections and does not answer. */
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  /** Starts it on the same port and data, if it does not run. */
  readonly up: () => Promise<void>;
  /** Ends it for good and removes its data. */
  readonly stop: () => Promise<void>;
}

export interface OwnPostgresOptions {
  /** Where its data goes; default: a temporary folder. */
  readonly directory?: string;
  /** Laid over the environment of the server. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function ownPostgres({ directory, env = {} }: OwnPostgresOptions = {}): Promise<OwnPostgres> {
  const { startEmbeddedPostgres } = await import('@handover/database/embedded');
  const dataDirectory = directory ?? (await mkdtemp(join(tmpdir(), 'handover-postgres-')));
  await mkdir(dataDirectory, { recursive: true });
  // As root the server runs as another user, who must get in.
  await chmod(dataDirectory, 0o711);
  let server: EmbeddedPostgres = await startEmbeddedPostgres({ dataDirectory, env });
  const { adminUrl, cluster, port } = server;
  let isUp = true;
  const watch = (): void => void server.exited.then(() => (isUp = false));
  watch();
  const postmaster = async (): Promise<number> => {
    const [pid] = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n');
    return Number(pid);
  };
  const signal = async (name: 'SIGSTOP' | 'SIGCONT'): Promise<void> => {
    const pid = await postmaster();
    // The server first: it makes no more of those that are listed then.
    if (name === 'SIGSTOP') process.kill(pid, name);
    for (const child of await childrenOf(pid)) process.kill(child, name);
    if (name === 'SIGCONT') process.kill(pid, name);
  };
  const down = async (): Promise<void> => {
    await server.stop();
    isUp = false;
  };
  return {
    adminUrl,
    cluster,
    down,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async crash() {
      process.kill(await postmaster(), 'SIGKILL');
      await server.exited;
      isUp = false;
    },
    async up() {
      if (isUp) return;
      server = await startEmbeddedPostgres({ dataDirectory, port, env });
      isUp = true;
      watch();
    },
    async stop() {
      await down();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(pid)]);
  return stdout.split('\n').filter(Boolean).map(Number);
}
