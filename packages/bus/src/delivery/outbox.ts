import { BusError } from '../port.js';
import { startTimer } from './timer.js';

/** How much may be under way or waiting before the sender is pushed back. */
export interface OutboxLimits {
  /** Handed to the transport and not yet acknowledged. */
  readonly messages: number;
  readonly bytes: number;
  /** Waiting for a place in that window; one more is refused at once. */
  readonly waiting: number;
  readonly waitingBytes: number;
}

export const DEFAULT_LIMITS: OutboxLimits = {
  messages: 256,
  bytes: 64 * 1024 * 1024,
  waiting: 10_000,
  waitingBytes: 256 * 1024 * 1024,
};

/** One thing to hand over, as the transport sees it. */
export interface Parcel<T> {
  readonly sequence: number;
  readonly content: T;
  readonly bytes: number;
  /** How often it was handed to the transport, this time included. */
  readonly sends: number;
  /** Milliseconds until its sender gives up. */
  readonly remainingMs: number;
}

interface Entry<T> {
  readonly sequence: number;
  readonly content: T;
  readonly bytes: number;
  readonly expiresAt: number;
  readonly timer: NodeJS.Timeout;
  readonly resolve: () => void;
  readonly reject: (reason: BusError) => void;
  sends: number;
  sentAt: number;
}

/**
 * The sending half of at-least-once delivery: what is submitted stays here until it is acknowledged, refused or out of time.
 * Order of submission is order of transmission, also after the connection was lost: {@link reset} puts everything
 * unacknowledged back in front. Memory is bounded by {@link OutboxLimits}.
 */
export class Outbox<T> {
  #waiting = new Map<number, Entry<T>>();
  readonly #underway = new Map<number, Entry<T>>();
  #underwayBytes = 0;
  #waitingBytes = 0;
  #sequence = 0;
  #open = false;
  #closed: BusError | undefined;

  /**
   * @param peer who it is for, in error messages
   * @param transmit hands a parcel to the transport; false when that takes no more just now
   */
  constructor(
    readonly peer: string,
    readonly limits: OutboxLimits,
    readonly transmit: (parcel: Parcel<T>) => boolean,
  ) {}

  get size(): number {
    return this.#waiting.size + this.#underway.size;
  }

  /**
   * @returns a promise that resolves when the parcel is acknowledged
   * @throws BusError `overloaded` (never handed over), `unavailable` (no connection), `timeout` (handed over, outcome unknown),
   *   `stopped`, or what {@link settle} was given
   */
  submit(content: T, bytes: number, timeoutMs: number): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.#isFull(bytes)) {
      return Promise.reject(new BusError('overloaded', `${this.size} messages for ${this.peer} are waiting already`));
    }
    return new Promise((resolve, reject) => {
      const sequence = ++this.#sequence;
      const timer = startTimer(() => this.#expire(sequence), timeoutMs);
      const expiresAt = performance.now() + timeoutMs;
      this.#waitingBytes += bytes;
      this.#waiting.set(sequence, { sequence, content, bytes, expiresAt, timer, resolve, reject, sends: 0, sentAt: 0 });
      this.flush();
    });
  }

  /** The transport is connected: transmits what waits, in order, as far as the window and the transport allow. */
  open(): void {
    this.#open = true;
    this.flush();
  }

  /** The connection is lost: everything unacknowledged is transmitted again after the next {@link open}. */
  reset(): void {
    this.#open = false;
    this.#waiting = new Map([...this.#underway, ...this.#waiting]);
    this.#underway.clear();
    this.#waitingBytes += this.#underwayBytes;
    this.#underwayBytes = 0;
  }

  flush(): void {
    if (!this.#open) return;
    for (const entry of this.#waiting.values()) {
      const fits =
        this.#underway.size < this.limits.messages &&
        (this.#underway.size === 0 || this.#underwayBytes + entry.bytes <= this.limits.bytes);
      if (!fits || !this.#send(entry)) return;
      this.#waiting.delete(entry.sequence);
      this.#waitingBytes -= entry.bytes;
      this.#underway.set(entry.sequence, entry);
      this.#underwayBytes += entry.bytes;
    }
  }

  /** Transmits again what was handed over more than `ageMs` ago and is still unacknowledged: an acknowledgement may be lost. */
  resend(ageMs: number): void {
    if (!this.#open) return;
    const before = performance.now() - ageMs;
    for (const entry of this.#underway.values()) {
      if (entry.sentAt < before && !this.#send(entry)) return;
    }
    this.flush();
  }

  /** Ends a parcel: acknowledged, or refused with an error. Unknown sequences (late, repeated) are ignored. */
  settle(sequence: number, error?: BusError): void {
    const entry = this.#remove(sequence);
    if (!entry) return;
    if (error) entry.reject(error);
    else entry.resolve();
    this.flush();
  }

  /** Rejects everything unsettled and whatever comes later with `reason`. Idempotent. */
  close(reason: BusError): void {
    this.#closed ??= reason;
    for (const sequence of [...this.#underway.keys(), ...this.#waiting.keys()]) this.settle(sequence, this.#closed);
  }

  #isFull(bytes: number): boolean {
    const { waiting, waitingBytes } = this.limits;
    return this.#waiting.size >= waiting || (this.#waiting.size > 0 && this.#waitingBytes + bytes > waitingBytes);
  }

  #send(entry: Entry<T>): boolean {
    const { sequence, content, bytes } = entry;
    const remainingMs = Math.max(0, Math.ceil(entry.expiresAt - performance.now()));
    if (!this.transmit({ sequence, content, bytes, sends: entry.sends + 1, remainingMs })) return false;
    entry.sends++;
    entry.sentAt = performance.now();
    return true;
  }

  #remove(sequence: number): Entry<T> | undefined {
    const underway = this.#underway.get(sequence);
    const entry = underway ?? this.#waiting.get(sequence);
    if (!entry) return undefined;
    clearTimeout(entry.timer);
    if (this.#waiting.delete(sequence)) this.#waitingBytes -= entry.bytes;
    if (this.#underway.delete(sequence)) this.#underwayBytes -= entry.bytes;
    return entry;
  }

  #expire(sequence: number): void {
    const entry = this.#underway.get(sequence) ?? this.#waiting.get(sequence);
    if (entry) this.settle(sequence, this.#reasonOf(entry));
  }

  #reasonOf(entry: Entry<T>): BusError {
    if (entry.sends > 0) return new BusError('timeout', `${this.peer} did not acknowledge in time`);
    if (this.#open)
      return new BusError('overloaded', `${this.peer} takes no more: ${this.#underway.size} messages are under way`);
    return new BusError('unavailable', `no connection to ${this.peer}`);
  }
}
