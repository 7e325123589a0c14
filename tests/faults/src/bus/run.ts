import { eventually, spawnNode, type ManagedChild } from '@handover/testkit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsumerOptions, Produced, ProducerOptions } from './traffic.js';
import type { BusWorld } from './world.js';

const PATIENCE_MS = 110_000;
const START_MS = 60_000;

export interface Load extends Omit<ProducerOptions, 'bus'>, Omit<ConsumerOptions, 'bus'> {}

/** What became of the messages of a run. */
export interface Verdict extends Produced {
  /** Messages that were acknowledged and never handled. */
  readonly lost: number;
  /** Messages handled for the first time after a later one of their key. */
  readonly outOfOrder: number;
  /** Deliveries beyond the first: a crash or a broken connection took the acknowledgement with it. */
  readonly again: number;
  /** Messages a consumer had begun and not finished when it was killed. */
  readonly heldAtKill: number;
  /** Most memory either process had resident beyond what it had at the start, in MB; NaN where the system does not tell. */
  readonly grewMb: number;
  /** Milliseconds from each fault, or from the end of one that lasts, until a message offered since was handled. */
  readonly recoveredAfterMs: readonly number[];
}

/** A producer and a consumer, processes of their own, and what a test does to them meanwhile. */
export class Run {
  readonly #consumers: ManagedChild[] = [];
  readonly #producers: ManagedChild[] = [];
  readonly #recoveries: number[] = [];
  readonly #beginnings = new Map<number, number>();
  #grewMb = 0;

  constructor(
    readonly world: BusWorld,
    readonly load: Load,
  ) {}

  async start(): Promise<void> {
    await this.startConsumer();
    const { messages, keys, bytes, perSecond } = this.load;
    const bus = this.world.config('producer');
    const options: ProducerOptions = {
      bus,
      keys,
      bytes,
      ...(messages !== undefined && { messages }),
      ...(perSecond !== undefined && { perSecond }),
    };
    this.#producers.push(this.#spawn('producer.ts', options));
    await this.untilHandled(1);
    for (const { pid } of [...this.#producers, ...this.#consumers]) this.#beginnings.set(pid, memoryMb(pid, 'VmRSS'));
  }

  async startConsumer(): Promise<void> {
    const { delayMs, concurrency } = this.load;
    const consumer = this.#spawn('consumer.ts', { bus: this.world.config('consumer'), delayMs, concurrency });
    this.#consumers.push(consumer);
    await consumer.line(/^consuming$/, START_MS);
    this.#beginnings.set(consumer.pid, memoryMb(consumer.pid, 'VmRSS'));
  }

  /** SIGKILL, in the middle of whatever it does. */
  async killConsumer(): Promise<void> {
    this.#measure();
    await this.#consumers.at(-1)?.kill();
  }

  /** In order, as an operator stops it. */
  async stopConsumer(): Promise<void> {
    const consumer = this.#consumers.at(-1);
    this.#measure();
    consumer?.signal('SIGTERM');
    await consumer?.exited;
  }

  /** Resolves when so many messages more are handled. */
  async untilHandled(more: number, before = new Set(this.#lines('handled')).size): Promise<void> {
    const enough = () => {
      const { size } = new Set(this.#lines('handled'));
      if (size < before + more) throw new Error(`${size} messages were handled, not ${before + more}`);
    };
    await eventually(enough, { withinMs: PATIENCE_MS });
  }

  /** The fault is over, or will end by itself: waits until a message offered from now on is handled, and remembers how long that took. */
  async recovered(): Promise<void> {
    const [offered, since] = [new Set(this.#offered()), performance.now()];
    const moved = () => {
      if (this.#lines('handled').every((step) => offered.has(step))) throw new Error('nothing new arrives any more');
    };
    await eventually(moved, { withinMs: PATIENCE_MS, everyMs: 10 });
    this.#recoveries.push(Math.round(performance.now() - since));
  }

  /** Ends the load and waits until everything sent is handled. */
  async finish(): Promise<Verdict> {
    if (this.load.messages === undefined) this.#producers[0]?.signal('SIGUSR2');
    const line = await this.#producers[0]?.line(/^produced (.*)$/, PATIENCE_MS);
    const produced = JSON.parse(line?.[1] ?? '') as Produced;
    await this.untilHandled(produced.acknowledged, 0).catch(() => undefined);
    this.#measure();
    const handled = this.#lines('handled');
    const first = [...new Set(handled)];
    const highest = new Map<string, number>();
    let outOfOrder = 0;
    for (const [key = '', step] of first.map((text) => text.split(' '))) {
      if (Number(step) < (highest.get(key) ?? -1)) outOfOrder++;
      highest.set(key, Math.max(Number(step), highest.get(key) ?? -1));
    }
    const killed = this.#consumers.slice(0, -1);
    const heldAtKill = killed.map(({ lines }) => linesOf(lines, 'took').length - linesOf(lines, 'handled').length);
    return {
      ...produced,
      lost: produced.acknowledged - first.length,
      outOfOrder,
      again: handled.length - first.length,
      heldAtKill: heldAtKill.reduce((total, held) => total + held, 0),
      grewMb: Math.round(this.#grewMb),
      recoveredAfterMs: this.#recoveries,
    };
  }

  async end(): Promise<void> {
    await Promise.all([...this.#producers, ...this.#consumers].map((child) => child.kill()));
  }

  #spawn(program: string, options: ProducerOptions | ConsumerOptions): ManagedChild {
    return spawnNode(join(import.meta.dirname, program), { args: [JSON.stringify(options)] });
  }

  /** `key step` of everything the producer tried to send. */
  #offered(): string[] {
    return this.#producers.flatMap(({ lines }) => linesOf(lines, 'offers'));
  }

  /** `key step` of all lines of a kind, over all lives of the consumer. */
  #lines(kind: 'took' | 'handled'): string[] {
    return this.#consumers.flatMap(({ lines }) => linesOf(lines, kind));
  }

  #measure(): void {
    for (const [pid, beginning] of this.#beginnings) {
      const peak = memoryMb(pid, 'VmHWM');
      if (!Number.isNaN(peak)) this.#grewMb = Math.max(this.#grewMb, peak - beginning);
    }
  }
}

const linesOf = (lines: readonly string[], kind: string): string[] =>
  lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1));

/** Resident memory now or at most, of a process that runs; NaN otherwise. */
function memoryMb(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  try {
    const [, kB] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kB) / 1024;
  } catch {
    return NaN;
  }
}
