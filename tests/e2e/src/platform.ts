import { spawnNode, type ManagedChild } from '@handover/testkit';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkAnswer } from './openapi/answers.js';
import { RUNNING } from './running.js';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface DemoAccount {
  readonly id: string;
  readonly token: string;
}

/** The platform as a user starts it: `npm start` without npm, in a data directory of its own, on a free port. */
export interface Platform {
  readonly url: string;
  readonly launcher: ManagedChild;
  /** Sends a request; `as` names a demo account. @throws when the answer is not as the OpenAPI document has it */
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
  /** Process id of a running service, as its log tells. */
  pidOf(service: string): Promise<number>;
  /** Stops it as Ctrl-C does, and starts it again on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface CallOptions {
  readonly as?: string;
  readonly json?: unknown;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts the platform and waits until it says it is ready. */
export async function startPlatform(env: Readonly<Record<string, string>> = {}): Promise<Platform> {
  if (RUNNING !== undefined) return running(RUNNING.url);
  const data = await mkdtemp(join(tmpdir(), 'handover-e2e-'));
  // As root the embedded server runs as another user, who must be able to reach it.
  await chmod(data, 0o711);
  let { launcher, url } = await launch(data, env);
  let tokens = await demoTokens(url);
  return {
    get url() {
      return url;
    },
    get launcher() {
      return launcher;
    },
    call: (method, path, options = {}) => call(url, tokens, method, path, options),
    pidOf: (service) => lastReadyPid(join(data, 'logs', `${service}.log`)),
    async restart() {
      launcher.signal('SIGTERM');
      await launcher.exited;
      ({ launcher, url } = await launch(data, env));
      tokens = await demoTokens(url);
    },
    async stop() {
      launcher.signal('SIGTERM');
      await launcher.exited;
      await launcher.kill();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** An installation somebody else started, and stops. */
async function running(url: string): Promise<Platform> {
  const tokens = await demoTokens(url);
  const notOurs = (): never => {
    throw new Error(`the installation at ${url} was not started by this test`);
  };
  return {
    url,
    get launcher() {
      return notOurs();
    },
    call: (method, path, options = {}) => call(url, tokens, method, path, options),
    pidOf: async () => notOurs(),
    restart: async () => notOurs(),
    stop: async () => undefined,
  };
}

async function launch(
  data: string,
  env: Readonly<Record<string, string>>,
): Promise<{ launcher: ManagedChild; url: string }> {
  const launcher = spawnNode(join(ROOT, 'deploy/local/bootstrap.mjs'), {
    args: ['start'],
    cwd: ROOT,
    env: {
      DATABASE_URL: undefined,
      AMQP_URL: undefined,
      DEFAULT_ACCOUNT: undefined,
      HANDOVER_DATA: data,
      PORT: '0',
      ...env,
    },
  });
  const ready = await launcher.line(/(http:\/\/127\.0\.0\.1:\d+)/, 120_000);
  return { launcher, url: ready[1] ?? '' };
}

async function demoTokens(url: string): Promise<ReadonlyMap<string, string>> {
  const answer = await fetch(`${url}/demo-accounts`);
  const accounts = (await answer.json()) as DemoAccount[];
  return new Map(accounts.map(({ id, token }) => [id, token]));
}

async function lastReadyPid(logFile: string): Promise<number> {
  const lines = (await readFile(logFile, 'utf8')).trim().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as { msg: string; pid: number });
  const ready = entries.findLast(({ msg }) => msg === 'ready');
  if (!ready) throw new Error(`no service was ready by ${logFile}`);
  return ready.pid;
}

async function call(
  url: string,
  tokens: ReadonlyMap<string, string>,
  method: string,
  path: string,
  { as, json, body, headers }: CallOptions,
): Promise<Response> {
  const sent = json === undefined ? body : JSON.stringify(json);
  const answer = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(as !== undefined && { authorization: `Bearer ${tokens.get(as) ?? ''}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent !== undefined && { body: sent }),
  });
  await checkAnswer(method, path, answer);
  return answer;
}
