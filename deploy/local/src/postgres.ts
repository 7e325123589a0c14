import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inspectServer } from '@handover/database';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@handover/database/embedded';
import { Backoff, RESTART } from './processes/backoff.js';
import { notice, remark } from './terminal.js';

export interface Postgres {
  readonly adminUrl: string;
  /** For the terminal, without password. */
  readonly description: string;
  /** Begins the names of the roles. They belong to the server, so those of another database need another name. */
  readonly rolePrefix: string;
  /** Ends a server of our own; leaves a given one alone. */
  readonly stop: (graceMs: number) => Promise<void>;
}

/** A server that runs already. @throws when it cannot be used */
export async function givenPostgres(adminUrl: string): Promise<Postgres> {
  const { hostname, port } = new URL(adminUrl);
  const place = `${decodeURIComponent(hostname)}:${port || 5432}`;
  const server = await inspectServer(adminUrl).catch((cause: unknown) => {
    throw new Error(`DATABASE_URL (${place}): ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  const key = createHash('sha256').update(server.database).digest('hex').slice(0, 8);
  return {
    adminUrl,
    description: `PostgreSQL ${server.version} at ${place}, database ${server.database}`,
    rolePrefix: `handover_${key}`,
    stop: async () => undefined,
  };
}

/** A server of our own, kept running: when it dies, it is started again on the same port. */
export async function ownPostgres(dataDirectory: string): Promise<Postgres> {
  const log = {
    info: (_fields: object, message: string) => {
      remark(message);
    },
    warn: (_fields: object, message: string) => {
      notice(message);
    },
  };
  const start = (port?: number) =>
    startEmbeddedPostgres({ dataDirectory: join(dataDirectory, 'postgres'), log, ...(port !== undefined && { port }) });
  let server = await start();
  const { adminUrl, version, port } = server;
  const stopping = new AbortController();
  const kept = keepRunning(
    server,
    () => start(port),
    (next) => (server = next),
    stopping.signal,
  );
  return {
    adminUrl,
    description: `PostgreSQL ${version} on port ${port}`,
    rolePrefix: 'handover',
    stop: async (graceMs) => {
      stopping.abort();
      await server.stop(graceMs);
      await kept;
    },
  };
}

async function keepRunning(
  first: EmbeddedPostgres,
  start: () => Promise<EmbeddedPostgres>,
  replace: (next: EmbeddedPostgres) => void,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff(RESTART);
  let server: EmbeddedPostgres | undefined = first;
  let since = performance.now();
  while (!signal.aborted) {
    await server?.exited;
    if (signal.aborted) return;
    const waitMs = backoff.after(performance.now() - since);
    notice(`postgres ended; it is started again in ${waitMs / 1000} s (log: ${first.logFile})`);
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    since = performance.now();
    server = await start().catch((error: unknown) => {
      notice(`postgres: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    });
    if (server !== undefined) replace(server);
    if (signal.aborted) await server?.stop(0);
  }
}
