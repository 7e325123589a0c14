import { setTimeout as delay } from 'node:timers/promises';
import type { Volley } from '../closed-loop.js';
import { openLoadDatabase, written, type LoadDatabase } from '../database.js';
import { difference, processorTimes, type ProcessorTimes } from '../processor-time.js';
import { quantile } from '../quantile.js';
import { Clients } from './clients.js';
import { floor, platform, type Target } from './targets.js';

export interface RestOptions {
  readonly clients: readonly number[];
  readonly rounds: number;
  /** How long a server is asked in a round, in ms; a quarter of that before, not counted. */
  readonly roundMs: number;
  /** How long each server is asked before the first round, not counted: services live for weeks, not for seconds; in ms. */
  readonly warmUpMs: number;
  /** For the platform's services, such as AMQP_URL. */
  readonly env: Readonly<Record<string, string>>;
  /** Processes beside the services whose processor time is of interest too, such as the broker. */
  readonly pids?: Readonly<Record<string, number>>;
  readonly say: (line: string) => void;
}

/** What a server did for so many clients, all rounds together. */
export interface Measured {
  readonly stepsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time per step, in µs, by process. */
  readonly processorUs: Readonly<Record<string, number>>;
}

export interface RestFigure {
  readonly clients: number;
  readonly stepsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly vsPlainFloor: number;
  readonly vsBatchedFloor: number;
  readonly p99VsPlainFloor: number;
  readonly platform: Measured;
  readonly plainFloor: Measured;
  readonly batchedFloor: Measured;
}

export interface RestReport {
  readonly rest: readonly RestFigure[];
  /** With the most clients: what a step leaves in the database, the relay's comings and goings included. */
  readonly writtenPerStep: { readonly rows: number; readonly bytes: number };
  readonly database: string;
}

const STATISTICS_DELAY_MS = 1_500;

/**
 * The platform over REST beside the two floors, on one database server, in turns: whatever else the machine does hits all alike.
 */
export async function measureRest(options: RestOptions): Promise<RestReport> {
  const [floors, own] = [await openLoadDatabase(), await openLoadDatabase()];
  const targets: Target[] = [];
  try {
    const most = Math.max(...options.clients);
    targets.push(await floor('plain', floors));
    targets.push(await floor('batched', floors));
    targets.push(await platform(own, most, options.env, options.pids));
    for (const target of targets) await warmUp(target, most, options.warmUpMs);
    const rest: RestFigure[] = [];
    for (const clients of options.clients) rest.push(await inTurns(targets, clients, options));
    return { rest, writtenPerStep: await writtenPerStep(targets, own, most, options), database: own.description };
  } finally {
    await Promise.all(targets.map((target) => target.stop()));
    await Promise.all([floors.close(), own.close()]);
  }
}

async function warmUp({ origin, aim }: Target, count: number, durationMs: number): Promise<void> {
  const clients = new Clients(origin, count, aim);
  await clients.run(durationMs);
  await clients.close();
}

async function inTurns(targets: readonly Target[], count: number, options: RestOptions): Promise<RestFigure> {
  const volleys = new Map<string, Round[]>(targets.map(({ name }) => [name, []]));
  const clients = targets.map(({ origin, aim }) => new Clients(origin, count, aim));
  try {
    for (let round = 0; round < options.rounds; round++) {
      for (const [index, { name, watched }] of targets.entries()) {
        const client = clients[index];
        if (!client) continue;
        await client.run(options.roundMs / 4);
        const before = processorTimes(watched);
        const volley = await client.run(options.roundMs);
        volleys.get(name)?.push({ volley, processor: difference(before, processorTimes(watched)) });
      }
    }
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
  const of = (name: Target['name']) => together(volleys.get(name) ?? []);
  const figure = figureOf(count, of('platform'), of('plain'), of('batched'));
  options.say(
    `${String(count).padStart(4)} clients: ${Math.round(figure.stepsPerSecond)} steps/s, ${figure.vsPlainFloor.toFixed(2)} × the plain floor`,
  );
  return figure;
}

interface Round {
  readonly volley: Volley;
  readonly processor: ProcessorTimes;
}

function together(rounds: readonly Round[]): Measured {
  const answers = rounds.reduce((total, { volley }) => total + volley.answers, 0);
  const latencies = rounds.flatMap(({ volley }) => volley.latencies);
  const names = new Set(rounds.flatMap(({ processor }) => Object.keys(processor)));
  const used = (name: string) => rounds.reduce((total, { processor }) => total + (processor[name] ?? 0), 0);
  return {
    stepsPerSecond: rounds.reduce((total, { volley }) => total + volley.perSecond, 0) / rounds.length,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    processorUs: Object.fromEntries([...names].map((name) => [name, (used(name) * 1000) / answers])),
  };
}

function figureOf(clients: number, ours: Measured, plain: Measured, batched: Measured): RestFigure {
  return {
    clients,
    stepsPerSecond: ours.stepsPerSecond,
    p50Ms: ours.p50Ms,
    p99Ms: ours.p99Ms,
    vsPlainFloor: ours.stepsPerSecond / plain.stepsPerSecond,
    vsBatchedFloor: ours.stepsPerSecond / batched.stepsPerSecond,
    p99VsPlainFloor: ours.p99Ms / plain.p99Ms,
    platform: ours,
    plainFloor: plain,
    batchedFloor: batched,
  };
}

/** A round of the platform alone, with time for the outbox to run empty and for the server's statistics to arrive. */
async function writtenPerStep(
  targets: readonly Target[],
  { admin }: LoadDatabase,
  count: number,
  { roundMs }: RestOptions,
): Promise<RestReport['writtenPerStep']> {
  const target = targets.find(({ name }) => name === 'platform');
  if (!target) return { rows: Number.NaN, bytes: Number.NaN };
  const clients = new Clients(target.origin, count, target.aim);
  await delay(STATISTICS_DELAY_MS);
  const before = await written(admin);
  const { answers } = await clients.run(roundMs / 2);
  await delay(STATISTICS_DELAY_MS);
  const after = await written(admin);
  await clients.close();
  return { rows: (after.rows - before.rows) / answers, bytes: (after.bytes - before.bytes) / answers };
}
