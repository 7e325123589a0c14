import { spawnNode } from '@handover/testkit';
import { join } from 'node:path';
import type { LoadDatabase } from '../database.js';
import { startPlatform } from '../platform.js';
import type { Watched } from '../processor-time.js';
import { startProcesses } from '../subject.js';
import type { Aim } from './clients.js';

/** A server under load. */
export interface Target {
  readonly name: 'plain' | 'batched' | 'platform';
  readonly origin: string;
  readonly aim: Aim;
  readonly watched: Watched;
  stop(): Promise<void>;
}

/** What each step brings along, for the platform as its response and for the floors as what they store. */
const RESPONSE = JSON.stringify({ note: 'as agreed on the telephone', amount: 1250 });

/** One of the two floors, as a process of its own. */
export async function floor(name: 'plain' | 'batched', { url, postmaster }: LoadDatabase): Promise<Target> {
  const child = spawnNode(join(import.meta.dirname, 'floor.js'), { args: [name, url] });
  const origin = (await child.line(/(http:\/\/127\.0\.0\.1:\d+)/, 30_000))[1] ?? '';
  const headers = { 'content-type': 'application/json' };
  return {
    name,
    origin,
    aim: (client) => ({ path: `/step/${client}`, headers, body: RESPONSE }),
    watched: { pids: { floor: child.pid }, postmaster },
    async stop() {
      await child.kill();
    },
  };
}

/** The platform, with a process for each of `clients` clients to step. @param pids others to watch beside its services */
export async function platform(
  { url, postmaster }: LoadDatabase,
  clients: number,
  env: Readonly<Record<string, string>>,
  pids: Readonly<Record<string, number>> = {},
): Promise<Target> {
  const running = await startPlatform(url, env);
  const ids = await startProcesses(running, clients).catch(async (error: unknown) => {
    await running.stop();
    throw error;
  });
  const turns = ids.map(() => 0);
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${running.token}` };
  return {
    name: 'platform',
    origin: running.url,
    aim: (client) => {
      const turn = turns[client] ?? 0;
      turns[client] = turn + 1;
      return { path: `/processes/${ids[client] ?? ''}/${turn % 2 === 0 ? 'give' : 'take'}`, headers, body: RESPONSE };
    },
    watched: { pids: { ...(await running.pids()), ...pids }, postmaster },
    stop: () => running.stop(),
  };
}
