import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import type { RabbitMqServer } from './rabbitmq-server.js';

const run = promisify(execFile);
const BINARY = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const CTL = '/usr/lib/rabbitmq/bin/rabbitmqctl';
const BOOT_MS = 60_000;

/** A broker of one's own that can be taken down and up again, with what is on its disk. */
export interface OwnRabbitMq extends RabbitMqServer {
  /**
   * Shuts it down in order. A kill would test RabbitMQ 3.10 and not us: it writes a quorum queue's name to disk only
   * minutes after the declaration, so a queue just declared never finds its leader again.
   */
  readonly down: () => Promise<void>;
  /** SIGSTOP to all its processes: it takes connections and does not answer. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Boots it again, on the same port and data. */
  readonly up: () => Promise<void>;
  /** Runs `rabbitmqctl` on it. @returns what it printed */
  readonly ctl: (...args: string[]) => Promise<string>;
}

/**
 * Debian's `rabbitmq-server` with directories, node name and ports of its own, Erlang's distribution on loopback only; boots in
 * about 6 s and takes about 210 MB. Installs the package when it is missing.
 * @param more laid over its environment
 * @throws when this is not Debian or we are not root
 */
export async function debianRabbitMq(more: Readonly<Record<string, string>> = {}): Promise<OwnRabbitMq> {
  await ensureInstalled();
  const home = await mkdtemp(join(tmpdir(), 'rabbitmq-'));
  const [port, distribution, epmd] = [await freePort(), await freePort(), await freePort()];
  const env = { ...(await environment(home, port, distribution, epmd)), ...more };
  const url = `amqp://guest:guest@127.0.0.1:${port}`;
  let server = await boot(env, url);
  let stopped: Promise<void> | undefined;
  const down = async () => {
    if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    process.kill(-server.pid, 'SIGTERM');
    await exited;
  };
  // The shell script and Erlang are a group of their own.
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => void (server.pid !== undefined && process.kill(-server.pid, name));
  const stop = async () => {
    await down();
    await run('epmd', ['-port', String(epmd), '-kill'], { env }).catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  };
  return {
    url,
    stop: () => (stopped ??= stop()),
    down,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    up: async () => {
      server = await boot(env, url);
    },
    ctl: async (...args) => (await run(CTL, args, { env })).stdout,
  };
}

async function ensureInstalled(): Promise<void> {
  const installed = await access(BINARY).then(
    () => true,
    () => false,
  );
  if (installed) return;
  if (process.getuid?.() !== 0) throw new Error('rabbitmq-server is not installed, and installing it needs root');
  await access('/etc/debian_version').catch(() => {
    throw new Error('not a Debian system');
  });
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update'], { env });
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'rabbitmq-server'], { env });
}

async function environment(home: string, port: number, distribution: number, epmd: number): Promise<NodeJS.ProcessEnv> {
  const place = (name: string) => join(home, name);
  await mkdir(place('data'));
  await writeFile(place('enabled_plugins'), '[].\n');
  await writeFile(place('rabbitmq.conf'), `listeners.tcp.default = 127.0.0.1:${port}\n`);
  await writeFile(place('rabbitmq-env.conf'), '');
  return {
    PATH: process.env.PATH,
    HOME: home,
    LANG: 'C.UTF-8',
    RABBITMQ_NODENAME: `test-${process.pid}-${port}@localhost`,
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_CONF_ENV_FILE: place('rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: place('rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: place('enabled_plugins'),
    RABBITMQ_MNESIA_BASE: place('data'),
    RABBITMQ_LOG_BASE: place('log'),
    RABBITMQ_PID_FILE: place('pid'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    // A port mapper of its own, so that it can be ended with the broker.
    ERL_EPMD_PORT: String(epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  };
}

async function boot(env: NodeJS.ProcessEnv, url: string): Promise<ChildProcess> {
  // A process group of its own, so that the shell script and Erlang end together.
  const server = spawn(BINARY, [], { env, detached: true, stdio: 'ignore' });
  const { pid } = server;
  if (pid === undefined) throw new Error(`cannot start ${BINARY}`);
  const onTestEnd = () => process.kill(-pid, 'SIGKILL');
  process.once('exit', onTestEnd);
  server.once('exit', () => process.removeListener('exit', onTestEnd));
  const ready = async () => {
    if (server.exitCode !== null) throw new Error(`rabbitmq-server ended with code ${server.exitCode}`);
    const connection = await connect(url, { timeout: 2_000 });
    await connection.close();
  };
  await eventually(ready, { withinMs: BOOT_MS, everyMs: 200 });
  return server;
}
