import { spawnNode, startRabbitMq } from '@handover/testkit';
import { connect } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closedLoop } from '../closed-loop.js';
import { difference, processorTimes } from '../processor-time.js';
import { median, quantile } from '../quantile.js';
import { askByAdapter } from './adapter.js';
import { askBareAmqp } from './bare-amqp.js';
import { askBareZeromq } from './bare-zeromq.js';
import type { Asker, Way } from './way.js';

export interface BusOptions {
  /** How many requests wait for their answer at a time. */
  readonly inFlight: readonly number[];
  /** Sizes of a request's body and of its answer's, as JSON. */
  readonly bytes: readonly number[];
  readonly rounds: number;
  /** How long a way is asked in a round, in ms; a quarter of that before, not counted. */
  readonly roundMs: number;
  /** How long each way is asked before the first round, not counted, in ms. */
  readonly warmUpMs: number;
  readonly say: (line: string) => void;
}

/** What one way did: medians over the rounds. */
export interface Exchanged {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the asking and the answering process together for one request, in µs; NaN where the system does not tell. */
  readonly processorUs: number;
}

export interface BusFigure {
  readonly transport: Way['transport'];
  readonly bytes: number;
  readonly inFlight: number;
  readonly adapter: Exchanged;
  readonly bare: Exchanged;
  /** Adapter's requests per second in those of bare: the median of the rounds' ratios. The bar is 0.6. */
  readonly ofBare: number;
  /** Adapter's p99 in that of bare, likewise. */
  readonly p99OfBare: number;
}

interface Running {
  readonly way: Way;
  readonly asker: Asker;
  /** Process id of the answering side. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/**
 * Request and reply by each adapter beside the same by the transport's library alone, in turns: whatever else the machine does
 * hits both alike. The answering side is a process of its own in every case, this process asks.
 */
export async function measureBus(options: BusOptions): Promise<BusFigure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'handover-load-'));
  const broker = await startRabbitMq();
  const name = `load-${randomUUID()}`;
  const running: Running[] = [];
  try {
    const figures: BusFigure[] = [];
    for (const transport of ['zeromq', 'amqp'] as const) {
      const place = transport === 'amqp' ? broker.url : directory;
      const adapter = await run({ transport, by: 'adapter', place, name });
      running.push(adapter);
      const bare = await run({ transport, by: 'bare', place, name });
      running.push(bare);
      for (const { asker } of [adapter, bare]) await warmUp(asker, options);
      for (const bytes of options.bytes)
        for (const inFlight of options.inFlight) figures.push(await inTurns(adapter, bare, bytes, inFlight, options));
    }
    return figures;
  } finally {
    for (const { stop } of running) await stop();
    await removeNames(broker.url, name);
    await broker.stop();
    await rm(directory, { recursive: true });
  }
}

async function run(way: Way): Promise<Running> {
  const echo = spawnNode(join(import.meta.dirname, 'echo.js'), { args: [JSON.stringify(way)] });
  const ask = way.by === 'adapter' ? askByAdapter : way.transport === 'amqp' ? askBareAmqp : askBareZeromq;
  try {
    await echo.line(/^listening$/, 30_000);
    const asker = await ask(way);
    const stop = async () => {
      await asker.close();
      echo.signal('SIGTERM');
      await echo.exited;
    };
    return { way, asker, pid: echo.pid, stop };
  } catch (error) {
    await echo.kill();
    throw error;
  }
}

async function warmUp(asker: Asker, { inFlight, bytes, warmUpMs }: BusOptions): Promise<void> {
  const body = bodyOf(Math.max(...bytes));
  await closedLoop(Math.max(...inFlight), warmUpMs, () => asker.ask(body));
}

/** A round asks both, one right after the other, so that its ratio is of the same moment; who is first changes every round. */
async function inTurns(
  adapter: Running,
  bare: Running,
  bytes: number,
  inFlight: number,
  { rounds, roundMs, say }: BusOptions,
): Promise<BusFigure> {
  const body = bodyOf(bytes);
  const ours: Exchanged[] = [];
  const floor: Exchanged[] = [];
  for (let round = 0; round < rounds; round++) {
    const turns = [() => volley(adapter, ours), () => volley(bare, floor)];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  async function volley({ asker, pid }: Running, into: Exchanged[]): Promise<void> {
    await closedLoop(inFlight, roundMs / 4, () => asker.ask(body));
    const before = processorTimes({ pids: { echo: pid } });
    const { perSecond, latencies, answers } = await closedLoop(inFlight, roundMs, () => asker.ask(body));
    const { client = NaN, echo = NaN } = difference(before, processorTimes({ pids: { echo: pid } }));
    const processorUs = ((client + echo) * 1000) / answers;
    into.push({ perSecond, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99), processorUs });
  }
  const ratioOf = (what: keyof Exchanged): number =>
    median(ours.map((exchanged, round) => exchanged[what] / (floor[round]?.[what] ?? NaN)));
  const { transport } = adapter.way;
  const figure: BusFigure = {
    transport,
    bytes,
    inFlight,
    adapter: medians(ours),
    bare: medians(floor),
    ofBare: ratioOf('perSecond'),
    p99OfBare: ratioOf('p99Ms'),
  };
  const rate = Math.round(figure.adapter.perSecond);
  say(`${transport}, ${bytes} bytes, ${inFlight} in flight: ${rate}/s, ${figure.ofBare.toFixed(2)} of bare`);
  return figure;
}

function medians(rounds: readonly Exchanged[]): Exchanged {
  const of = (what: keyof Exchanged): number => median(rounds.map((exchanged) => exchanged[what]));
  return { perSecond: of('perSecond'), p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), processorUs: of('processorUs') };
}

/** A body like those of the platform, members of many kinds, of so many bytes of JSON. */
function bodyOf(bytes: number): unknown {
  const members: unknown[] = [];
  const size = () => JSON.stringify({ members, rest: '' }).length;
  for (let n = 0; size() < bytes - 100; n++) members.push({ id: n, name: `member ${n}`, done: n % 2 === 0, of: null });
  return { members, rest: 'x'.repeat(Math.max(0, bytes - size())) };
}

/** What the bus declares on the broker to stay there. */
async function removeNames(url: string, name: string): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.deleteQueue(`${name}.dead`);
  for (const exchange of ['events', 'broadcast', 'dead']) await channel.deleteExchange(`${name}.${exchange}`);
  await connection.close();
}
