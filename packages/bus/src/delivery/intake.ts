import { BusError, type Message, type MessageHandler, type Outcome } from '../port.js';
import type { BusLogger } from '../logger.js';
import { backoffMs } from './backoff.js';
import { Cancellation } from './cancellation.js';
import { startTimer } from './timer.js';

/** How a delivery ended for good. `attempts` counts the deliveries it took. */
export type Settlement =
  | { readonly kind: 'done' }
  | { readonly kind: 'reject'; readonly reason: string; readonly attempts: number }
  /** Nobody waits for it any more: its sender's time is over. */
  | { readonly kind: 'expired' };

/** Tells the transport. The next message of the key waits for it. Must not throw. */
export type Settle = (settlement: Settlement) => void | Promise<void>;

/** On what terms the transport hands a message over. */
export interface Terms {
  /** Deliveries before this one, by the transport's count. */
  readonly attemptsBefore: number;
  /** Until when it may be delivered, on the clock of `performance.now()`. */
  readonly expiresAt: number;
  readonly settle: Settle;
}

export interface Incoming extends Terms {
  readonly message: Message;
}

/** An outcome after which there is no further delivery. */
type Ending = Exclude<Outcome, { kind: 'retry' }> | { readonly kind: 'expired' };

interface Entry {
  readonly message: Message;
  terms: Terms;
  /** Deliveries by this process. */
  deliveries: number;
  state: 'waiting' | 'running' | 'holding';
  timer?: NodeJS.Timeout;
  cancellation?: Cancellation;
  /** The transport lost it while it was being handled and is going to deliver it again. */
  orphaned: boolean;
}

/** Messages of one key, oldest first. A message without a key has a lane to itself. */
interface Lane {
  readonly key: string | undefined;
  readonly entries: Entry[];
}

const attemptsOf = (entry: Entry): number => entry.terms.attemptsBefore + entry.deliveries;

export interface IntakeOptions {
  /** Queue or subscription, for logs. */
  readonly name: string;
  /** After so many deliveries a message that still fails is rejected. */
  readonly maxAttempts: number;
  readonly logger: BusLogger;
}

/**
 * The receiving half of at-least-once delivery, the same for every transport: messages of one key are handled one after
 * the other, different keys at the same time, at most `concurrency` at once. A message to be retried stays in front of
 * its lane, so nothing of its key overtakes it; other keys go on meanwhile.
 */
export class Intake {
  readonly #keyed = new Map<string, Lane>();
  /** Lanes whose first entry may run. */
  #ready: Lane[] = [];
  readonly #lanes = new Set<Lane>();
  readonly #inHand = new Map<string, Entry>();
  #handler: MessageHandler | undefined;
  #concurrency = 0;
  #running = 0;
  #size = 0;
  #idle: (() => void)[] = [];

  constructor(readonly options: IntakeOptions) {}

  /** Messages accepted and not settled. */
  get size(): number {
    return this.#size;
  }

  get isOpen(): boolean {
    return this.#handler !== undefined;
  }

  /** Starts handing messages, those accepted earlier first. */
  open(handler: MessageHandler, concurrency: number): void {
    this.#handler = handler;
    this.#concurrency = concurrency;
    this.#ready = [...this.#lanes].filter((lane) => lane.entries[0]?.state === 'waiting');
    this.#pump();
  }

  /** Starts no further handler and resolves when those running are settled. What did not start stays accepted. */
  async close(): Promise<void> {
    this.#handler = undefined;
    for (const lane of this.#lanes) {
      const [first] = lane.entries;
      if (first?.state !== 'holding') continue;
      clearTimeout(first.timer);
      first.state = 'waiting';
    }
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Tells running handlers to give up. */
  abort(): void {
    for (const { entries } of this.#lanes) entries[0]?.cancellation?.cancel(new BusError('stopped', 'the bus stopped'));
  }

  accept(incoming: Incoming): void {
    const { message, ...terms } = incoming;
    const entry: Entry = { message, terms, deliveries: 0, state: 'waiting', orphaned: false };
    const lane = this.#laneOf(message.key);
    lane.entries.push(entry);
    this.#size++;
    this.#inHand.set(message.id, entry);
    if (lane.entries.length === 1) this.#enqueue(lane);
  }

  /**
   * A redelivery of a message that is still in hand: the running one counts, the newest terms apply to its end.
   * @returns false when no message with this id is in hand
   */
  adopt(id: string, terms: Terms): boolean {
    const entry = this.#inHand.get(id);
    if (!entry) return false;
    // It was delivered here fewer times than the transport counts: the deliveries of this process are counted apart.
    entry.terms = { ...terms, attemptsBefore: entry.terms.attemptsBefore };
    entry.orphaned = false;
    return true;
  }

  /** The transport will deliver everything unsettled again: forgets what has not started, waits for what runs. */
  orphan(): void {
    for (const lane of this.#lanes) {
      const [first] = lane.entries;
      if (first?.state === 'running') first.orphaned = true;
      for (const entry of lane.entries.slice(first?.state === 'running' ? 1 : 0)) this.#remove(lane, entry);
    }
  }

  /** Drops what expired while no handler was there. */
  sweep(): void {
    const now = performance.now();
    for (const lane of this.#lanes) {
      for (const entry of [...lane.entries]) {
        if (entry.state === 'waiting' && entry.terms.expiresAt <= now) this.#remove(lane, entry);
      }
    }
  }

  #laneOf(key: string | undefined): Lane {
    const known = key === undefined ? undefined : this.#keyed.get(key);
    if (known) return known;
    const lane: Lane = { key, entries: [] };
    this.#lanes.add(lane);
    if (key !== undefined) this.#keyed.set(key, lane);
    return lane;
  }

  #remove(lane: Lane, entry: Entry): void {
    const at = lane.entries.indexOf(entry);
    if (at < 0) return;
    lane.entries.splice(at, 1);
    clearTimeout(entry.timer);
    this.#size--;
    const { id } = entry.message;
    if (this.#inHand.get(id) === entry) this.#inHand.delete(id);
    if (lane.entries.length > 0) return;
    this.#lanes.delete(lane);
    if (lane.key !== undefined) this.#keyed.delete(lane.key);
  }

  #enqueue(lane: Lane): void {
    if (!this.#handler) return;
    this.#ready.push(lane);
    this.#pump();
  }

  #pump(): void {
    while (this.#handler && this.#running < this.#concurrency) {
      const lane = this.#ready.shift();
      if (!lane) return;
      const [entry] = lane.entries;
      if (entry?.state === 'waiting') void this.#run(lane, entry, this.#handler);
    }
  }

  async #run(lane: Lane, entry: Entry, handler: MessageHandler): Promise<void> {
    entry.state = 'running';
    this.#running++;
    const expired = entry.terms.expiresAt <= performance.now();
    const outcome = expired ? ({ kind: 'expired' } as const) : await this.#deliver(entry, handler);
    const again = outcome.kind === 'retry' ? this.#hold(lane, entry, outcome) : outcome;
    if (again) await this.#finish(lane, entry, again);
    this.#running--;
    if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
    this.#pump();
  }

  async #deliver(entry: Entry, handler: MessageHandler): Promise<Outcome> {
    entry.deliveries++;
    const { message } = entry;
    const attempt = attemptsOf(entry);
    entry.cancellation = new Cancellation();
    try {
      return await handler(entry.cancellation.delivery(message, attempt));
    } catch (error) {
      this.options.logger.error(
        { err: error, id: message.id, type: message.type, attempt },
        `handler of ${this.options.name} threw`,
      );
      return { kind: 'retry', reason: error instanceof Error ? error.message : 'the handler threw' };
    }
  }

  /** Keeps the message in front of its lane until its next turn. @returns how it ends instead, when there is no next turn */
  #hold(lane: Lane, entry: Entry, outcome: Outcome & { kind: 'retry' }): Ending | undefined {
    const { message } = entry;
    const attempts = attemptsOf(entry);
    const waitMs = Math.max(0, outcome.afterMs ?? backoffMs(entry.deliveries));
    if (entry.orphaned || performance.now() + waitMs >= entry.terms.expiresAt) return { kind: 'expired' };
    if (attempts >= this.options.maxAttempts) {
      return { kind: 'reject', reason: `given up after ${attempts} deliveries: ${outcome.reason ?? 'asked to retry'}` };
    }
    const { name, logger } = this.options;
    logger.warn(
      { id: message.id, type: message.type, attempts, waitMs, reason: outcome.reason },
      `${name}: will deliver again`,
    );
    entry.state = 'holding';
    entry.timer = startTimer(() => this.#release(lane, entry), this.#handler ? waitMs : 0);
    return undefined;
  }

  #release(lane: Lane, entry: Entry): void {
    entry.state = 'waiting';
    this.#enqueue(lane);
  }

  async #finish(lane: Lane, entry: Entry, outcome: Ending): Promise<void> {
    const attempts = attemptsOf(entry);
    if (!(outcome.kind === 'expired' && entry.orphaned)) {
      await entry.terms.settle(outcome.kind === 'reject' ? { ...outcome, attempts } : outcome);
    }
    this.#remove(lane, entry);
    if (lane.entries.length > 0) this.#enqueue(lane);
  }
}
