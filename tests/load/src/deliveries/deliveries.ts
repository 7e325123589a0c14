import { closedLoop } from '../closed-loop.js';
import type { ProcessorTimes } from '../processor-time.js';
import { median } from '../quantile.js';
import { BareSender } from './bare.js';
import { SCENARIO, latencyOf, paced, received, timed, withSubject, type Latency, type Subject } from './subject.js';

export interface DeliveryOptions {
  readonly rounds: number;
  /** How long events are made in a round, and how long the bare sender sends, in ms. */
  readonly roundMs: number;
  /** Once, and again for each case, in ms. */
  readonly warmUpMs: number;
  /** For the platform's services, such as AMQP_URL. */
  readonly env: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
}

/** How deliveries are worked off beside the bare loop. */
export interface Rate {
  readonly name: string;
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
  readonly calm: Latency;
  readonly bareCalm: Latency;
  readonly database: string;
}

/** What is delivered, and how the events come. */
interface Case {
  readonly name: string;
  readonly receivers: number;
  readonly events: readonly string[];
  /** Deliveries to each receiver that a process makes. */
  readonly each: number;
  /** Events wait on the bus until the notifier goes on; or else processes are started all the while. */
  readonly isBacklog: boolean;
}

const COMPLETIONS = { events: ['process.completed'], each: 1 };
/** Started, stepped by its first action, and completed by that. */
const EVERYTHING = { events: ['process.*'], each: 3 };
const CASES: readonly Case[] = [
  { name: 'backlog: every event, one receiver', receivers: 1, ...EVERYTHING, isBacklog: true },
  { name: 'backlog: one event in three, one receiver', receivers: 1, ...COMPLETIONS, isBacklog: true },
  { name: 'backlog: one event in three, eight receivers', receivers: 8, ...COMPLETIONS, isBacklog: true },
  { name: 'with the steps that cause them: every event', receivers: 1, ...EVERYTHING, isBacklog: false },
];

/** Messages under way to one webhook: the platform's most by default, and the bare sender's connections. */
const IN_FLIGHT = 32;
/** Callers who start processes, each done at once. */
const STARTERS = 32;
/**
 * Processes whose events wait on the bus, and how long they may take to be made: the engine takes back what waited for five
 * seconds, and what is measured then is how it does that.
 */
const WAITING = 1_000;
const LONGEST_HALT_MS = 2_000;
const CALM_PER_SECOND = 20;
const CALM_MS = 6_000;

/** The platform delivers events of processes to receivers, beside a bare loop that signs and posts to the same, in turns. */
export function measureDeliveries(options: DeliveryOptions): Promise<DeliveryReport> {
  return withSubject(options.env, async (subject) => {
    const body = {
      type: 'process.completed',
      data: { event: 'x'.repeat(64), process: 'x'.repeat(36), scenario: SCENARIO },
    };
    const bare = new BareSender(subject.receiver, body, IN_FLIGHT);
    try {
      // What is cold is compiled by then, whichever case comes first.
      await warmUp(subject, options.warmUpMs);
      const rates: Rate[] = [];
      for (const each of CASES) rates.push(await rateOf(subject, bare, each, options));
      return { rates, ...(await latencies(subject, bare, options)) };
    } finally {
      await bare.close();
    }
  });
}

async function warmUp(subject: Subject, durationMs: number): Promise<void> {
  const id = await subject.subscribe(EVERYTHING.events);
  for (let began = performance.now(); performance.now() - began < durationMs;) {
    await subject.taken();
    const { answers } = await closedLoop(STARTERS, 500, subject.start);
    await received(subject, answers * EVERYTHING.each);
  }
  await subject.unsubscribe(id);
}

async function rateOf(subject: Subject, bare: BareSender, work: Case, options: DeliveryOptions): Promise<Rate> {
  const { rounds, roundMs, warmUpMs, say } = options;
  const ids: string[] = [];
  for (let n = 0; n < work.receivers; n++) ids.push(await subject.subscribe(work.events));
  const deliver = (): Promise<Round> => (work.isBacklog ? backlog : together)(subject, work, roundMs);
  for (let began = performance.now(); performance.now() - began < warmUpMs;) await deliver();
  await closedLoop(IN_FLIGHT, warmUpMs / 2, () => bare.send());
  const [ours, theirs]: [Round[], Round[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const made = await deliver();
    const { result, used } = await timed(subject, () => closedLoop(IN_FLIGHT, roundMs, () => bare.send()));
    ours.push(made);
    theirs.push({ perSecond: result.perSecond, processorUs: perOne(used, result.answers) });
    say(`${work.name}: ${inWords(made)}; bare ${inWords(theirs.at(-1) ?? made)}`);
  }
  for (const id of ids) await subject.unsubscribe(id);
  return {
    name: work.name,
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

function inWords({ perSecond, processorUs }: Round): string {
  const each = Object.entries(processorUs).flatMap(([name, us]) => (us < 1 ? [] : [`${name} ${Math.round(us)}`]));
  return `${Math.round(perSecond)}/s (µs each: ${each.join(', ')})`;
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

/** Has events made while the notifier is halted, and times how it works off what has come together. */
async function backlog(subject: Subject, work: Case, durationMs: number): Promise<Round> {
  const { platform, taken } = subject;
  await taken();
  const { notifier } = await platform.pids();
  if (notifier === undefined) throw new Error('the notifier is no process of its own');
  process.kill(notifier, 'SIGSTOP');
  const starting = startSome(subject.start, Math.min(durationMs, LONGEST_HALT_MS));
  await starting.catch(() => process.kill(notifier, 'SIGCONT'));
  const count = countOf(work, await starting);
  const began = performance.now();
  const { used } = await timed(subject, async () => {
    process.kill(notifier, 'SIGCONT');
    await received(subject, count);
  });
  return { perSecond: (count * 1_000) / (performance.now() - began), processorUs: perOne(used, count) };
}

/** Starts as many processes as may wait, or as can be started in that time. @returns how many */
async function startSome(start: () => Promise<void>, longestMs: number): Promise<number> {
  const end = performance.now() + longestMs;
  let started = 0;
  const loop = async (): Promise<void> => {
    while (started < WAITING && performance.now() < end) {
      started++;
      await start();
    }
  };
  await Promise.all(Array.from({ length: STARTERS }, loop));
  return started;
}

/** Starts processes for so long, and times until the last of their events is received. */
async function together(subject: Subject, work: Case, durationMs: number): Promise<Round> {
  await subject.taken();
  let started = 0;
  const began = performance.now();
  const { used } = await timed(subject, async () => {
    ({ answers: started } = await closedLoop(STARTERS, durationMs, subject.start));
    await received(subject, countOf(work, started));
  });
  const count = countOf(work, started);
  return { perSecond: (count * 1_000) / (performance.now() - began), processorUs: perOne(used, count) };
}

const countOf = ({ receivers, each }: Case, processes: number): number => processes * receivers * each;

async function latencies(subject: Subject, bare: BareSender, { rounds }: DeliveryOptions) {
  const samples = { ours: [] as number[], bare: [] as number[] };
  const id = await subject.subscribe(COMPLETIONS.events);
  for (let round = 0; round < rounds; round++) {
    await subject.taken();
    await paced(CALM_PER_SECOND, CALM_MS / 2, () => bare.send());
    samples.bare.push(...(await subject.taken()));
    samples.ours.push(...(await received(subject, await paced(CALM_PER_SECOND, CALM_MS, subject.start))));
  }
  await subject.unsubscribe(id);
  return { calm: latencyOf(samples.ours), bareCalm: latencyOf(samples.bare) };
}
