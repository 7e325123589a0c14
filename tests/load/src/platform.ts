import { spawnNode, type ManagedChild } from '@handover/testkit';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { request } from 'undici';

const ROOT = resolve(import.meta.dirname, '../../..');
const START_MS = 120_000;

/** Far above what a load test asks for; the counting itself stays. */
const LIMITS = { RATE_LIMIT_TENANT: '1000000000', RATE_LIMIT_KEY: '1000000000', RATE_LIMIT_WINDOW: '1' };

type Method = 'GET' | 'POST' | 'DELETE';

/** The platform as a user starts it, its services as processes of their own. */
export interface Platform {
  readonly url: string;
  /** Bearer token of a caller who may do everything. */
  readonly token: string;
  /** Process ids by service. */
  pids(): Promise<Record<string, number>>;
  call<T>(method: Method, path: string, body?: unknown): Promise<T>;
  stop(): Promise<void>;
}

/**
 * Starts the built platform on a database.
 * @param env laid over the environment, such as `AMQP_URL`
 */
export async function startPlatform(
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Platform> {
  const data = await mkdtemp(join(tmpdir(), 'handover-load-'));
  await chmod(data, 0o711);
  const launcher = spawnNode(join(ROOT, 'deploy/local/bootstrap.mjs'), {
    args: ['start'],
    cwd: ROOT,
    env: {
      AMQP_URL: undefined,
      DATABASE_URL: databaseUrl,
      HANDOVER_DATA: data,
      PORT: '0',
      ...LIMITS,
      ...env,
    },
  });
  try {
    const url = (await launcher.line(/(http:\/\/127\.0\.0\.1:\d+)/, START_MS))[1] ?? '';
    const token = await tokenOf(url);
    return {
      url,
      token,
      pids: () => pidsBelow(join(data, 'run')),
      call: (method, path, body) => call(url, token, method, path, body),
      stop: () => stop(launcher, data),
    };
  } catch (error) {
    await stop(launcher, data);
    throw error;
  }
}

async function stop(launcher: ManagedChild, data: string): Promise<void> {
  launcher.signal('SIGTERM');
  await launcher.exited;
  await launcher.kill();
  await rm(data, { recursive: true, force: true });
}

async function tokenOf(url: string): Promise<string> {
  const { body } = await request(`${url}/demo-accounts`);
  const accounts = (await body.json()) as { readonly id: string; readonly roles?: string[]; readonly token: string }[];
  const admin = accounts.find(({ roles }) => roles?.includes('admin')) ?? accounts[0];
  if (!admin) throw new Error('the platform has no demo account');
  return admin.token;
}

/** The launcher keeps a note per service, which begins with its process id. */
async function pidsBelow(directory: string): Promise<Record<string, number>> {
  const names = await readdir(directory);
  const notes = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  return Object.fromEntries(names.map((name, i) => [name, Number.parseInt(notes[i] ?? '', 10)]));
}

async function call<T>(url: string, token: string, method: Method, path: string, body?: unknown): Promise<T> {
  const answer = await request(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
