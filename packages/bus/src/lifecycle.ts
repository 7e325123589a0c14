import { BusError } from './port.js';

/** Started once, stopped once, in any order and however often asked. */
export class Lifecycle {
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #phase: 'new' | 'running' | 'closed' = 'new';

  /** @throws BusError `stopped` after a stop, and whatever `open` threw, every time it is asked. */
  start(open: () => Promise<void>): Promise<void> {
    if (this.#stopped && !this.#started) return Promise.reject(new BusError('stopped', 'the bus is stopped'));
    this.#started ??= open().then(() => {
      this.#phase = 'running';
    });
    return this.#started;
  }

  /** Waits for a start under way, then runs `close`, also after a start that failed. */
  stop(close: () => Promise<void>): Promise<void> {
    this.#stopped ??= this.#close(close);
    return this.#stopped;
  }

  /** @throws BusError `unavailable` before the start, `stopped` after the stop. Deliveries in hand may still send during it. */
  assertRunning(): void {
    if (this.#phase === 'new') throw new BusError('unavailable', 'the bus is not started');
    if (this.#phase === 'closed') throw new BusError('stopped', 'the bus is stopped');
  }

  /** @throws BusError as {@link assertRunning}, and `stopped` as soon as the stop began: nothing new is taken in. */
  assertOpen(): void {
    if (this.#stopped) throw new BusError('stopped', 'the bus is stopped');
  }

  async #close(close: () => Promise<void>): Promise<void> {
    await this.#started?.catch(() => undefined);
    try {
      await close();
    } finally {
      this.#phase = 'closed';
    }
  }
}
