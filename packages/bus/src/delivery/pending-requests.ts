import { BusError, type Reply } from '../port.js';
import { startTimer } from './timer.js';

interface Pending {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (reason: BusError) => void;
  readonly timer: NodeJS.Timeout;
}

/** Requests of this process that wait for their reply, each with its own clock. */
export class PendingRequests {
  readonly #pending = new Map<string, Pending>();
  #sequence = 0;

  constructor(readonly limit: number) {}

  /**
   * @param ask puts the request on the wire under `correlation`; when it throws, the request is over
   * @throws BusError `overloaded`, `timeout`, or what {@link fail} was given
   */
  open(peer: string, timeoutMs: number, ask: (correlation: string) => void): Promise<Reply> {
    if (this.#pending.size >= this.limit) {
      return Promise.reject(new BusError('overloaded', `${this.limit} requests are waiting for their reply already`));
    }
    return new Promise((resolve, reject) => {
      const correlation = String(++this.#sequence);
      const late = () =>
        this.fail(correlation, new BusError('timeout', `${peer} did not reply within ${timeoutMs} ms`));
      this.#pending.set(correlation, { resolve, reject, timer: startTimer(late, timeoutMs) });
      try {
        ask(correlation);
      } catch (error) {
        this.fail(
          correlation,
          error instanceof BusError ? error : new BusError('unavailable', `cannot reach ${peer}`, { cause: error }),
        );
      }
    });
  }

  /** Late and repeated replies are ignored. */
  reply(correlation: string, reply: Reply): void {
    this.#take(correlation)?.resolve(reply);
  }

  fail(correlation: string, reason: BusError): void {
    this.#take(correlation)?.reject(reason);
  }

  failAll(reason: BusError): void {
    for (const correlation of [...this.#pending.keys()]) this.fail(correlation, reason);
  }

  #take(correlation: string): Pending | undefined {
    const pending = this.#pending.get(correlation);
    if (!pending) return undefined;
    this.#pending.delete(correlation);
    clearTimeout(pending.timer);
    return pending;
  }
}
