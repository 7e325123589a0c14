import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { withClient } from '../client.js';
import { isConnectionFailure } from '../errors.js';
import type { Log } from '../log.js';
import { installedBinaries } from './binaries.js';
import { ADMIN, ensureCluster } from './cluster.js';
import { type Home, prepareHome } from './home.js';
import { stopOrphan } from './orphan.js';
import { lastLines, runServer, type RunningServer } from './server.js';

export interface EmbeddedPostgresOptions {
  /** Made on the first start. The caller sees to it that only one process at a time uses it. */
  readonly dataDirectory: string;
  /** Default: any free one. */
  readonly port?: number;
  /** Made when missing; default `handover`. */
  readonly database?: string;
  /** Laid over the environment of the server. */
  readonly env?: Readonly<Record<string, string>>;
  readonly log?: Log;
}

export interface EmbeddedPostgres {
  /** Connects to the database as a superuser. */
  readonly adminUrl: string;
  readonly port: number;
  /** Such as `18.4`. */
  readonly version: string;
  /** Where the data really is: in the data directory, or where its `location` file points. */
  readonly cluster: string;
  readonly logFile: string;
  /** Resolves when the server has ended, whoever ended it. */
  readonly exited: Promise<void>;
  /** Ends it in order; without order, but without loss, when it has not ended after `graceMs` (30,000). Idempotent. */
  readonly stop: (graceMs?: number) => Promise<void>;
}

/** Recovery after a crash replays the log since the last checkpoint, at most five minutes of writing. */
const READY_WITHIN_MS = 120_000;
const PORT_ATTEMPTS = 5;

/**
 * Starts a real Postgres server for this machine only: it listens on 127.0.0.1 with password authentication and on no
 * socket. It stops with this process, however that ends; what it acknowledged survives a kill of everything. When root
 * starts it, it runs as another user, and data that user could not reach is kept below /var/lib/handover.
 * @throws an error that says what to do: other version's data, another user's data, port in use, unsupported platform
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDirectory, database = 'handover', log } = options;
  const home = await prepareHome(dataDirectory, await installedBinaries(), log);
  const password = await ensureCluster(home, log);
  await stopOrphan(home.cluster, log);
  const logFile = join(dataDirectory, 'server.log');
  const urlOf = (port: number, name: string) => `postgres://${ADMIN}:${password}@127.0.0.1:${port}/${name}`;
  const { server, port } = await startOnPort(home, options, logFile, (port) => urlOf(port, 'postgres'));
  try {
    await ensureDatabase(urlOf(port, 'postgres'), database);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    adminUrl: urlOf(port, database),
    port,
    version: home.version,
    cluster: home.cluster,
    logFile,
    exited: server.exited.then(() => undefined),
    stop: (graceMs) => server.stop(graceMs),
  };
}

async function startOnPort(
  home: Home,
  { port: wanted, env }: EmbeddedPostgresOptions,
  logFile: string,
  urlOf: (port: number) => string,
): Promise<{ server: RunningServer; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = wanted ?? (await anyPort());
    const server = await runServer(home, port, logFile, env);
    if (await becomesReady(server, urlOf(port))) return { server, port };
    const lines = await lastLines(logFile);
    // Somebody took the port in between, or processes of a killed server are about to end.
    const passing = wanted === undefined && lines.includes('Address already in use');
    const busy = lines.includes('pre-existing shared memory block');
    if (!(passing || busy) || attempt === PORT_ATTEMPTS) {
      throw new Error(`Postgres does not start on port ${port}; the end of ${logFile}:\n${lines}`);
    }
    if (busy) await delay(200 * attempt);
  }
}

/** @returns false when the server ended instead */
async function becomesReady(server: RunningServer, url: string): Promise<boolean> {
  const ended = server.exited.then(() => false);
  const deadline = performance.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      const answered = withClient(url, 'start', (client) => client.query('select 1')).then(() => true);
      // The port may belong to somebody else, who may accept the connection and stay silent.
      return await Promise.race([answered, ended]);
    } catch (error) {
      if (!isConnectionFailure(error) || performance.now() > deadline) {
        await server.stop();
        throw error;
      }
    }
    if (!(await Promise.race([delay(15, true), ended]))) return false;
  }
}

async function ensureDatabase(url: string, name: string): Promise<void> {
  await withClient(url, 'start', async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  });
}

async function anyPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}
