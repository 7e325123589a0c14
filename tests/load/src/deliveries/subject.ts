import { spawnNode, type ManagedChild } from '@handover/testkit';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { openLoadDatabase } from '../database.js';
import { startPlatform, type Platform } from '../platform.js';
import { difference, processorTimes, type ProcessorTimes, type Watched } from '../processor-time.js';
import { quantile } from '../quantile.js';

/** Whether all of a round came is asked so often. */
const ASKED_EVERY_MS = 25;
/** Where the receiver is whose messages are timed. It has a process to itself: what others do must not slow it, but the platform. */
const TIMED = '/well';

export const SCENARIO = {
  title: 'Done at once',
  actors: { user: { role: 'admin' } },
  actions: { go: { actor: 'user' } },
  states: { initial: { on: 'go', goto: '(done)' } },
};

/** The platform, the receiver whose messages are timed, and one in the place of all others; each a process of its own. */
export interface Subject {
  readonly platform: Platform;
  /** Address of the receiver that is timed. */
  readonly receiver: string;
  readonly watched: Watched;
  /** Starts a process that is done at once. */
  readonly start: () => Promise<void>;
  /**
   * @param path how another receiver behaves; the one that is timed without it
   * @returns the webhook's id
   */
  readonly subscribe: (events: readonly string[], path?: string) => Promise<string>;
  readonly unsubscribe: (id: string) => Promise<void>;
  /** How long each message received there since the last call was on its way from its `timestamp`, in ms. */
  readonly taken: () => Promise<number[]>;
}

/**
 * Measures something about deliveries by a platform of one's own.
 * @param env for the platform's services, such as AMQP_URL
 * @returns what it measured, and which database it was on
 */
export async function withSubject<Figures>(
  env: Readonly<Record<string, string>>,
  measure: (subject: Subject) => Promise<Figures>,
): Promise<Figures & { readonly database: string }> {
  const database = await openLoadDatabase();
  const [child, others] = [spawnNode(RECEIVER), spawnNode(RECEIVER)];
  let platform: Platform | undefined;
  try {
    const origins = await Promise.all([child, others].map(originOf));
    platform = await startPlatform(database.url, env);
    const watched = { pids: { ...(await platform.pids()), receiver: child.pid }, postmaster: database.postmaster };
    const subject = await subjectOf(platform, origins, watched);
    return { ...(await measure(subject)), database: database.description };
  } finally {
    await platform?.stop();
    await Promise.all([child.kill(), others.kill()]);
    await database.close();
  }
}

const RECEIVER = join(import.meta.dirname, 'receiver.js');

const originOf = async (child: ManagedChild): Promise<string> =>
  (await child.line(/(http:\/\/127\.0\.0\.1:\d+)/, 30_000))[1] ?? '';

async function subjectOf(
  platform: Platform,
  [origin = '', others = '']: readonly string[],
  watched: Watched,
): Promise<Subject> {
  const { id: scenario } = await platform.call<{ id: string }>('POST', '/scenarios', SCENARIO);
  return {
    platform,
    receiver: `${origin}${TIMED}`,
    watched,
    start: () => platform.call('POST', '/processes', { scenario, action: 'go' }),
    subscribe: async (events, path) => {
      const url = path === undefined ? `${origin}${TIMED}` : `${others}${path}`;
      const { id } = await platform.call<{ id: string }>('POST', '/webhooks', { url, events });
      return id;
    },
    unsubscribe: (id) => platform.call('DELETE', `/webhooks/${id}`),
    taken: async () => (await (await request(`${origin}/taken`)).body.json()) as number[],
  };
}

/** Nothing came for so long: nothing will. */
const STARVED_MS = 30_000;

/**
 * Waits until so many messages came.
 * @returns how long each was on its way, in ms
 * @throws Error when they stop coming
 */
export async function received({ taken }: Subject, count: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let last = performance.now(); latencies.length < count;) {
    await delay(ASKED_EVERY_MS);
    const came = await taken();
    latencies.push(...came);
    if (came.length > 0) last = performance.now();
    else if (performance.now() - last > STARVED_MS) {
      throw new Error(`${latencies.length} of ${count} messages came, and then none for ${STARVED_MS / 1_000} s`);
    }
  }
  return latencies;
}

/** Does something and tells what it took of the processors. */
export async function timed<Result>(
  { watched }: Subject,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly used: ProcessorTimes }> {
  const before = processorTimes(watched);
  const result = await work();
  return { result, used: difference(before, processorTimes(watched)) };
}

/** Does something so often a second, one after the other. @returns how often it was done */
export async function paced(perSecond: number, durationMs: number, once: () => Promise<void>): Promise<number> {
  const count = Math.ceil((durationMs * perSecond) / 1_000);
  for (let n = 0; n < count; n++) {
    const pause = delay(1_000 / perSecond);
    await once();
    await pause;
  }
  return count;
}

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly samples: number;
}

export const latencyOf = (samples: readonly number[]): Latency => ({
  p50Ms: quantile(samples, 0.5),
  p99Ms: quantile(samples, 0.99),
  samples: samples.length,
});
