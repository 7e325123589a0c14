import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics/metrics.js';

/** A dependency the service cannot do without: `check` rejects with the reason while it is missing. */
export interface Dependency {
  readonly name: string;
  check(): Promise<void>;
}

export interface OperationsServer {
  /** Where it listens, such as `http://127.0.0.1:9100`. */
  readonly url: string;
  close(): Promise<void>;
}

const CHECK_TIMEOUT_MS = 2_000;

/** What the operations port shows of a service. */
export interface Operations {
  readonly dependencies: readonly Dependency[];
  readonly isStopping: () => boolean;
  readonly metrics: Metrics;
}

/** `/livez` (the process runs), `/readyz` (it has what it needs) and `/metrics`, apart from the public port. */
export function operationsApp({ dependencies, isStopping, metrics }: Operations): Hono {
  const app = new Hono();
  app.get('/livez', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    const checks = Object.fromEntries(
      await Promise.all(dependencies.map(async (dependency) => [dependency.name, await outcome(dependency)] as const)),
    );
    const ready = !isStopping() && Object.values(checks).every((result) => result === 'ok');
    return c.json({ status: isStopping() ? 'stopping' : ready ? 'ok' : 'not ready', checks }, ready ? 200 : 503);
  });
  app.get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType }));
  return app;
}

async function outcome(dependency: Dependency): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([dependency.check(), timeout]);
    return 'ok';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}

/** An HTTP server for `fetch`, listening. Rejects when the port cannot be had, naming it. */
export function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  options: { readonly port: number; readonly host: string },
): Promise<OperationsServer> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, port: options.port, hostname: options.host }) as Server;
    server.once('error', (error) => {
      reject(new Error(`cannot listen on ${options.host}:${options.port}: ${error.message}`, { cause: error }));
    });
    server.once('listening', () => {
      const { port } = server.address() as AddressInfo;
      const host = options.host.includes(':') ? `[${options.host}]` : options.host;
      resolve({ url: `http://${host}:${port}`, close: () => closeServer(server) });
    });
  });
}

/** How often connections are dropped that have become idle since. */
const SWEEP_MS = 50;

/** Takes no new connection, lets the requests in hand finish, drops the idle ones and those that become so. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    server.close(() => {
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}
