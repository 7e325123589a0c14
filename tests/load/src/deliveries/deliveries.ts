import { spawnNode } from '@handover/testkit';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { closedLoop } from '../closed-loop.js';
import { openLoadDatabase } from '../database.js';
import { startPlatform, type Platform } from '../platform.js';
import { median, quantile } from '../quantile.js';
import { BareSender } from './bare.js';

export interface DeliveryOptions {
  readonly rounds: number;
  /** How long events are made in a round, and how long the bare sender sends, in ms. */
  readonly roundMs: number;
  readonly warmUpMs: number;
  /** For the platform's services, such as AMQP_URL. */
  readonly env: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
}

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface DeliveryReport {
  /** Medians over the rounds. */
  readonly perSecond: number;
  readonly barePerSecond: number;
  /** Median of the rounds' ratios. The bar is 0.4. */
  readonly ofBare: number;
  /** From the event's time, just before its commit, to the receipt, when there is little to do; and from the POST, for bare. */
  readonly calm: Latency;
  readonly bareCalm: Latency;
  /** The same for one receiver among 30 others, who behave well, or in hostile ways. The bar is 1.5 for p99. */
  readonly amongGood: Latency;
  readonly amongHostile: Latency;
  readonly p99OfGood: number;
  readonly database: string;
}

/** Messages under way to one webhook: the platform's most by default, and the bare sender's connections. */
const IN_FLIGHT = 32;
/** Callers who start processes, each done at once. */
const STARTERS = 32;
/** Shorter than anybody waits for the notifier before something is tried again. */
const LONGEST_HALT_MS = 3_000;
/** As many as could fill all 200 places for attempts, were there nothing to stop them. */
const HOSTILE = [
  ...Array.from({ length: 13 }, () => ['/hang', '/drip']).flat(),
  ...['/flood', '/redirect', '/break', '/break'],
];
const WELL_BEHAVED = HOSTILE.map(() => '/well-too');
const CALM_PER_SECOND = 5;
/** Calm stretches are so many times as long as a round: few messages a second have to make a quantile. */
const CALM_ROUNDS = 5;

const SCENARIO = {
  title: 'Done at once',
  actors: { user: { role: 'admin' } },
  actions: { go: { actor: 'user' } },
  states: { initial: { on: 'go', goto: '(done)' } },
};

/** The platform delivers completions to a receiver, beside a bare loop that signs and posts to the same, in turns. */
export async function measureDeliveries(options: DeliveryOptions): Promise<DeliveryReport> {
  const database = await openLoadDatabase();
  const child = spawnNode(join(import.meta.dirname, 'receiver.js'));
  let platform: Platform | undefined;
  try {
    const origin = (await child.line(/(http:\/\/127\.0\.0\.1:\d+)/, 30_000))[1] ?? '';
    platform = await startPlatform(database.url, options.env);
    const subject = await subjectOf(platform, origin);
    return { ...(await measure(subject, options)), database: database.description };
  } finally {
    await platform?.stop();
    await child.kill();
    await database.close();
  }
}

interface Subject {
  readonly platform: Platform;
  readonly receiver: string;
  /** Starts a process that is done at once. */
  readonly start: () => Promise<void>;
  /** @returns the webhook's id */
  readonly subscribe: (path: string) => Promise<string>;
  /** How long each message received since the last call was on its way, in ms. */
  readonly taken: () => Promise<number[]>;
}

async function subjectOf(platform: Platform, receiver: string): Promise<Subject> {
  const { id: scenario } = await platform.call<{ id: string }>('POST', '/scenarios', SCENARIO);
  return {
    platform,
    receiver,
    start: () => platform.call('POST', '/processes', { scenario, action: 'go' }),
    subscribe: async (path) => {
      const webhook = { url: `${receiver}${path}`, events: ['process.completed'] };
      return (await platform.call<{ id: string }>('POST', '/webhooks', webhook)).id;
    },
    taken: async () => (await (await request(`${receiver}/taken`)).body.json()) as number[],
  };
}

async function measure(subject: Subject, options: DeliveryOptions): Promise<Omit<DeliveryReport, 'database'>> {
  await subject.subscribe('/well');
  const body = {
    type: 'process.completed',
    data: { event: 'x'.repeat(64), process: 'x'.repeat(36), scenario: SCENARIO },
  };
  const bare = new BareSender(`${subject.receiver}/well`, body, IN_FLIGHT);
  try {
    await backlog(subject, options.warmUpMs);
    await closedLoop(IN_FLIGHT, options.warmUpMs, () => bare.send());
    const [rates, bareRates]: [number[], number[]] = [[], []];
    for (let round = 0; round < options.rounds; round++) {
      rates.push(await backlog(subject, options.roundMs));
      bareRates.push((await closedLoop(IN_FLIGHT, options.roundMs, () => bare.send())).perSecond);
      options.say(`${Math.round(rates.at(-1) ?? 0)} deliveries/s, bare ${Math.round(bareRates.at(-1) ?? 0)}/s`);
    }
    await subject.taken();
    const calm = await calmly(subject, options.roundMs * CALM_ROUNDS);
    await paced(options.roundMs * CALM_ROUNDS, () => bare.send());
    const bareCalm = latencyOf(await subject.taken());
    const amongGood = await among(subject, options, WELL_BEHAVED);
    const amongHostile = await among(subject, options, HOSTILE);
    return {
      perSecond: median(rates),
      barePerSecond: median(bareRates),
      ofBare: median(rates.map((rate, round) => rate / (bareRates[round] ?? NaN))),
      calm,
      bareCalm,
      amongGood,
      amongHostile,
      p99OfGood: amongHostile.p99Ms / amongGood.p99Ms,
    };
  } finally {
    await bare.close();
  }
}

/**
 * Has events made while the notifier is halted, and times how it works off what has come together.
 * @returns deliveries per second
 */
async function backlog({ platform, start, taken }: Subject, durationMs: number): Promise<number> {
  await taken();
  const { notifier } = await platform.pids();
  if (notifier === undefined) throw new Error('the notifier is no process of its own');
  process.kill(notifier, 'SIGSTOP');
  const { answers } = await closedLoop(STARTERS, Math.min(durationMs, LONGEST_HALT_MS), start).finally(() =>
    process.kill(notifier, 'SIGCONT'),
  );
  const began = performance.now();
  for (let delivered = 0; delivered < answers; delivered += (await taken()).length) await delay(20);
  return (answers * 1_000) / (performance.now() - began);
}

/** Few events a second. @returns how long they were on their way to the first receiver */
async function calmly({ start, taken }: Subject, durationMs: number): Promise<Latency> {
  await taken();
  const made = await paced(durationMs, start);
  const latencies: number[] = [];
  while (latencies.length < made) {
    await delay(20);
    latencies.push(...(await taken()));
  }
  return latencyOf(latencies);
}

/** @returns how often it was done */
async function paced(durationMs: number, once: () => Promise<void>): Promise<number> {
  const count = Math.ceil((durationMs * CALM_PER_SECOND) / 1_000);
  for (let n = 0; n < count; n++) {
    const pause = delay(1_000 / CALM_PER_SECOND);
    await once();
    await pause;
  }
  return count;
}

/** The first receiver's latencies while as many others get the same events. */
async function among(subject: Subject, { roundMs }: DeliveryOptions, paths: readonly string[]): Promise<Latency> {
  const ids: string[] = [];
  for (const path of paths) ids.push(await subject.subscribe(path));
  // By then those that hang hold as many places as they get.
  await calmly(subject, roundMs);
  const latency = await calmly(subject, roundMs * CALM_ROUNDS);
  for (const id of ids) await subject.platform.call('DELETE', `/webhooks/${id}`);
  return latency;
}

const latencyOf = (samples: readonly number[]): Latency => ({
  p50Ms: quantile(samples, 0.5),
  p99Ms: quantile(samples, 0.99),
});
