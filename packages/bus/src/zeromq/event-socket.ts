import { Publisher, type Context } from 'zeromq';
import type { Packed } from './link.js';

/** Announcements a subscriber may lag behind; later ones are dropped for it, and for it alone. */
export const EVENT_HIGH_WATER_MARK = 10_000;

/**
 * The PUB socket outsiders subscribe to: two frames, topic and JSON. Best effort: who is not there, or too slow, misses what was
 * said meanwhile. (Two frames are safe here: nothing is read from this socket.)
 */
export class EventSocket {
  readonly #socket: Publisher;
  #sending: Promise<void> = Promise.resolve();

  constructor(
    context: Context,
    readonly address: string,
    curve: object,
  ) {
    this.#socket = new Publisher({ context, sendHighWaterMark: EVENT_HIGH_WATER_MARK, linger: 500, ...curve });
  }

  open(): Promise<void> {
    return this.#socket.bind(this.address);
  }

  /** In the order said. Never fails: nobody waits for it. */
  say(topic: string, { body }: Pick<Packed, 'body'>): void {
    this.#sending = this.#sending
      .then(() => (this.#socket.closed ? undefined : this.#socket.send([topic, body])))
      .catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#sending;
    this.#socket.close();
  }
}
