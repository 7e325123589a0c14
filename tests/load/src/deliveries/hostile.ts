import { latencyOf, paced, received, withSubject, type Latency, type Subject } from './subject.js';

export interface HostileOptions {
  /** Turns of each kind, one after the other: one bad moment must not decide. */
  readonly rounds: number;
  /** How long each takes, in ms; long enough for hostile ones to get hold of what there is: that took them twenty seconds. */
  readonly roundMs: number;
  /** For the platform's services, such as AMQP_URL. */
  readonly env: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
}

/** How long messages to one receiver who behaves well are on their way, by who else wants the same events. */
export interface HostileReport {
  readonly alone: Latency;
  readonly amongGood: Latency;
  readonly amongHostile: Latency;
  /** Of the p99 among hostile ones: the bar is 1.5. What thirty others cost who behave well shows beside it. */
  readonly p99OfAlone: number;
  readonly p99OfGood: number;
  readonly database: string;
}

/** Events a second: a thousand samples in a minute, and far from what the platform can do. */
const PER_SECOND = 20;
/** As many as could fill all 200 places for attempts, were there nothing to stop them. */
const HOSTILE = [
  ...Array.from({ length: 13 }, () => ['/hang', '/drip']).flat(),
  ...['/flood', '/redirect', '/break', '/break'],
];
const WELL_BEHAVED = HOSTILE.map(() => '/well');
/** By then those that hang hold as many places as they get, and everything has run once. */
const SETTLING_MS = 2_000;
const EVENTS = ['process.completed'];

/** Whether receivers in hostile ways slow the deliveries to one who behaves well. */
export function measureHostile({ rounds, roundMs, env, say }: HostileOptions): Promise<HostileReport> {
  return withSubject(env, async (subject) => {
    const samples = { alone: [] as number[], good: [] as number[], hostile: [] as number[] };
    await subject.subscribe(EVENTS);
    await calmly(subject, SETTLING_MS);
    for (let round = 0; round < rounds; round++) {
      samples.alone.push(...(await among(subject, roundMs, [])));
      samples.good.push(...(await among(subject, roundMs, WELL_BEHAVED)));
      samples.hostile.push(...(await among(subject, roundMs, HOSTILE)));
      const [alone, good, hostile] = [samples.alone, samples.good, samples.hostile].map(
        (each) => latencyOf(each).p99Ms,
      );
      say(
        `after ${samples.alone.length} each: p99 ${alone} ms alone, ${good} among good, ${hostile} among hostile ones`,
      );
    }
    const [alone, amongGood, amongHostile] = [samples.alone, samples.good, samples.hostile].map(latencyOf) as [
      Latency,
      Latency,
      Latency,
    ];
    const p99OfAlone = amongHostile.p99Ms / alone.p99Ms;
    return { alone, amongGood, amongHostile, p99OfAlone, p99OfGood: amongHostile.p99Ms / amongGood.p99Ms };
  });
}

/** The first receiver's latencies while as many others get the same events. */
async function among(subject: Subject, durationMs: number, paths: readonly string[]): Promise<number[]> {
  const ids = await Promise.all(paths.map((path) => subject.subscribe(EVENTS, path)));
  await calmly(subject, SETTLING_MS);
  const samples = await calmly(subject, durationMs);
  await Promise.all(ids.map((id) => subject.unsubscribe(id)));
  return samples;
}

/** Few events a second. @returns how long they were on their way to the first receiver, in ms */
async function calmly(subject: Subject, durationMs: number): Promise<number[]> {
  await subject.taken();
  return received(subject, await paced(PER_SECOND, durationMs, subject.start));
}
