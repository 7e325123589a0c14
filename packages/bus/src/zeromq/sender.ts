import type { Dealer } from 'zeromq';
import type { BusLogger } from '../logger.js';
import { framesOf } from './frames.js';

/** More than the windows let through, so that the transport itself pushes back only when the peer does not read. */
const CAPACITY = 4_096;

/**
 * What goes out by one socket, in order. Records sent in one turn of the event loop leave together with the next. Frames
 * are handed over one at a time (the library refuses two), so that nothing overtakes one the transport has no room for. To
 * ask the socket whether it is writable instead would now and then swallow the signal that it is readable.
 */
export class Sender {
  readonly #records: Buffer[] = [];
  #busy = false;

  /** @param socket whose sends do not wait (`sendTimeout` 0) */
  constructor(
    readonly socket: Dealer,
    readonly logger: BusLogger,
  ) {}

  /** @returns false when too much waits for the transport already */
  send(record: Buffer): boolean {
    if (this.#records.length >= CAPACITY) return false;
    if (this.#records.push(record) === 1) this.#schedule();
    return true;
  }

  /** Forgets what has not left. */
  clear(): void {
    this.#records.length = 0;
  }

  /** Hands over what waits, up to what the transport takes; the rest waits for the next call. */
  async flush(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const frames = framesOf(this.#records.splice(0));
    try {
      for (let frame = frames[0]; frame && !this.socket.closed; frame = frames[0]) {
        await this.socket.send(frame);
        frames.shift();
      }
      if (this.#records.length > 0) this.#schedule();
    } catch (error) {
      this.#records.unshift(...frames);
      this.logger.debug({ err: error }, 'the transport takes no more just now');
    }
    this.#busy = false;
  }

  #schedule(): void {
    setImmediate(() => void this.flush());
  }
}
