import { spawnNode } from '@handover/testkit';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { closedLoop } from '../closed-loop.js';
import { openLoadDatabase } from '../database.js';
import { startPlatform, type Platform } from '../platform.js';
import { difference, processorTimes, type ProcessorTimes, type Watched } from '../processor-time.js';
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

/** How deliveries are worked off beside the bare loop. */
export interface Rate {
  /** Webhooks that want each event. */
  readonly receivers: number;
  /** Medians over the rounds. */
  readonly perSecond: number;
  readonly barePerSecond: number;
  /** Median of the rounds' ratios. The bar is 0.4. */
  readonly ofBare: number;
  /** Processor time per delivery, in µs, by process; and of the bare loop, whose receiver and client do all of it. */
  readonly processorUs: ProcessorTimes;
  readonly bareProcessorUs: ProcessorTimes;
}

export interface DeliveryReport {
  readonly rates: readonly Rate[];
  /** From the event's time, just before its commit, to the receipt, when there is little to do; and from the POST, for bare. */
  readonly alone: Latency;
  readonly bare: Latency;
  /** The same for one receiver among 30 others, who behave well, or in hostile ways. The bar is 1.5 for p99. */
  readonly amongGood: Latency;
  readonly amongHostile: Latency;
  readonly p99OfAlone: number;
  readonly p99OfGood: number;
  readonly database: string;
}

/** Messages under way to one webhook: the platform's most by default, and the bare sender's connections. */
const IN_FLIGHT = 32;
/** Callers who start processes, each done at once. */
const STARTERS = 32;
/** With one, most is the way of an event to the notifier; with more, most is what the notifier makes of it. */
const RECEIVERS = [1, 8];
/** Shorter than anybody waits for the notifier before something is tried again. */
const LONGEST_HALT_MS = 3_000;
/** As many as could fill all 200 places for attempts, were there nothing to stop them. */
const HOSTILE = [
  ...Array.from({ length: 13 }, () => ['/hang', '/drip']).flat(),
  ...['/flood', '/redirect', '/break', '/break'],
];
const WELL_BEHAVED = HOSTILE.map(() => '/well-too');
const CALM_PER_SECOND = 10;
/** Calm stretches are so many times as long as a round, and come in turns: one bad moment must not decide. */
const CALM_ROUNDS = 2;
const TURNS = 3;

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
    const watched = { pids: { ...(await platform.pids()), receiver: child.pid }, postmaster: database.postmaster };
    const subject = await subjectOf(platform, origin, watched);
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
  readonly watched: Watched;
  /** Starts a process that is done at once. */
  readonly start: () => Promise<void>;
  /** Ids of the webhooks there are. */
  readonly subscribed: string[];
  /** @returns the webhook's id */
  readonly subscribe: (path: string) => Promise<string>;
  readonly unsubscribe: (id: string) => Promise<void>;
  /** How long each message received since the last call was on its way, in ms. */
  readonly taken: () => Promise<number[]>;
}

async function subjectOf(platform: Platform, receiver: string, watched: Watched): Promise<Subject> {
  const { id: scenario } = await platform.call<{ id: string }>('POST', '/scenarios', SCENARIO);
  const subscribed: string[] = [];
  return {
    platform,
    receiver,
    watched,
    subscribed,
    start: () => platform.call('POST', '/processes', { scenario, action: 'go' }),
    subscribe: async (path) => {
      const webhook = { url: `${receiver}${path}`, events: ['process.completed'] };
      const { id } = await platform.call<{ id: string }>('POST', '/webhooks', webhook);
      subscribed.push(id);
      return id;
    },
    async unsubscribe(id) {
      await platform.call('DELETE', `/webhooks/${id}`);
      subscribed.splice(subscribed.indexOf(id) >>> 0, 1);
    },
    taken: async () => (await (await request(`${receiver}/taken`)).body.json()) as number[],
  };
}

async function measure(subject: Subject, options: DeliveryOptions): Promise<Omit<DeliveryReport, 'database'>> {
  const body = {
    type: 'process.completed',
    data: { event: 'x'.repeat(64), process: 'x'.repeat(36), scenario: SCENARIO },
  };
  const bare = new BareSender(`${subject.receiver}/well`, body, IN_FLIGHT);
  try {
    const rates: Rate[] = [];
    let subscribed = 0;
    for (const receivers of RECEIVERS) {
      for (; subscribed < receivers; subscribed++) await subject.subscribe('/well');
      rates.push(await ratesOf(subject, bare, receivers, options));
    }
    return { rates, ...(await latencies(subject, bare, options)) };
  } finally {
    await bare.close();
  }
}

async function ratesOf(
  subject: Subject,
  bare: BareSender,
  receivers: number,
  { rounds, roundMs, warmUpMs, say }: DeliveryOptions,
): Promise<Rate> {
  const sendAll = () => timed(subject, () => closedLoop(IN_FLIGHT, roundMs, () => bare.send()));
  for (let began = performance.now(); performance.now() - began < warmUpMs;) {
    await backlog(subject, receivers, roundMs);
  }
  await closedLoop(IN_FLIGHT, warmUpMs / 2, () => bare.send());
  const [ours, theirs]: [Round[], Round[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const made = await backlog(subject, receivers, roundMs);
    const { result, used } = await sendAll();
    ours.push(made);
    theirs.push({ perSecond: result.perSecond, processorUs: perOne(used, result.answers) });
    say(`${receivers} each: ${Math.round(made.perSecond)} deliveries/s, bare ${Math.round(result.perSecond)}/s`);
  }
  return {
    receivers,
    perSecond: median(ours.map(({ perSecond }) => perSecond)),
    barePerSecond: median(theirs.map(({ perSecond }) => perSecond)),
    ofBare: median(ours.map(({ perSecond }, round) => perSecond / (theirs[round]?.perSecond ?? NaN))),
    processorUs: medians(ours),
    bareProcessorUs: medians(theirs),
  };
}

interface Round {
  readonly perSecond: number;
  readonly processorUs: ProcessorTimes;
}

const perOne = (used: ProcessorTimes, count: number): ProcessorTimes =>
  Object.fromEntries(Object.entries(used).map(([name, ms]) => [name, (ms * 1_000) / count]));

const medians = (rounds: readonly Round[]): ProcessorTimes =>
  Object.fromEntries(
    Object.keys(rounds[0]?.processorUs ?? {}).map((name) => [
      name,
      median(rounds.map(({ processorUs }) => processorUs[name] ?? 0)),
    ]),
  );

async function timed<Result>(
  { watched }: Subject,
  work: () => Promise<Result>,
): Promise<{ result: Result; used: ProcessorTimes }> {
  const before = processorTimes(watched);
  const result = await work();
  return { result, used: difference(before, processorTimes(watched)) };
}

async function latencies(subject: Subject, bare: BareSender, { roundMs }: DeliveryOptions) {
  const stretch = roundMs * CALM_ROUNDS;
  const samples = { bare: [] as number[], alone: [] as number[], good: [] as number[], hostile: [] as number[] };
  for (const id of subject.subscribed.splice(1)) await subject.unsubscribe(id);
  for (let turn = 0; turn < TURNS; turn++) {
    await subject.taken();
    await paced(stretch, () => bare.send());
    samples.bare.push(...(await subject.taken()));
    samples.alone.push(...(await calmly(subject, stretch)));
    samples.good.push(...(await among(subject, stretch, WELL_BEHAVED)));
    samples.hostile.push(...(await among(subject, stretch, HOSTILE)));
  }
  const [alone, amongGood, amongHostile] = [samples.alone, samples.good, samples.hostile].map(latencyOf) as [
    Latency,
    Latency,
    Latency,
  ];
  return {
    bare: latencyOf(samples.bare),
    alone,
    amongGood,
    amongHostile,
    p99OfAlone: amongHostile.p99Ms / alone.p99Ms,
    p99OfGood: amongHostile.p99Ms / amongGood.p99Ms,
  };
}

/** Has events made while the notifier is halted, and times how it works off what has come together. */
async function backlog(subject: Subject, receivers: number, durationMs: number): Promise<Round> {
  const { platform, start, taken } = subject;
  await taken();
  const { notifier } = await platform.pids();
  if (notifier === undefined) throw new Error('the notifier is no process of its own');
  process.kill(notifier, 'SIGSTOP');
  const starting = closedLoop(STARTERS, Math.min(durationMs, LONGEST_HALT_MS), start);
  await starting.catch(() => process.kill(notifier, 'SIGCONT'));
  const count = (await starting).answers * receivers;
  const began = performance.now();
  const { used } = await timed(subject, async () => {
    process.kill(notifier, 'SIGCONT');
    for (let delivered = 0; delivered < count; delivered += (await taken()).length) await delay(20);
  });
  return { perSecond: (count * 1_000) / (performance.now() - began), processorUs: perOne(used, count) };
}

/** Few events a second. @returns how long they were on their way to the first receiver */
async function calmly({ start, taken }: Subject, durationMs: number): Promise<number[]> {
  await taken();
  const made = await paced(durationMs, start);
  const latencies: number[] = [];
  while (latencies.length < made) {
    await delay(20);
    latencies.push(...(await taken()));
  }
  return latencies;
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
async function among(subject: Subject, stretch: number, paths: readonly string[]): Promise<number[]> {
  const ids: string[] = [];
  for (const path of paths) ids.push(await subject.subscribe(path));
  // By then those that hang hold as many places as they get.
  await calmly(subject, stretch / 4);
  const samples = await calmly(subject, stretch);
  for (const id of ids) await subject.unsubscribe(id);
  return samples;
}

const latencyOf = (samples: readonly number[]): Latency => ({
  p50Ms: quantile(samples, 0.5),
  p99Ms: quantile(samples, 0.99),
});
