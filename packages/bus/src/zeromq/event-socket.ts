import { XPublisher, type Context } from 'zeromq';
import type { Packed } from './link.js';

/** Announcements a subscriber may lag behind; later ones are dropped for it, and for it alone. */
export const EVENT_HIGH_WATER_MARK = 10_000;

/** First byte of what subscribers say. */
const [UNSUBSCRIBED, SUBSCRIBED] = [0, 1];

/**
 * The socket outsiders' SUB sockets connect to: two frames, topic and JSON. Best effort: who is not there, or too slow, misses
 * what was said meanwhile. It is an XPUB, which tells of subscriptions: while there is none, nothing is handed to libzmq.
 */
export class EventSocket {
  readonly #socket: XPublisher;
  /** How many beginnings of topics are asked for; what several ask for counts once. */
  #wanted = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(
    context: Context,
    readonly address: string,
    curve: object,
  ) {
    this.#socket = new XPublisher({ context, sendHighWaterMark: EVENT_HIGH_WATER_MARK, linger: 500, ...curve });
  }

  async open(): Promise<void> {
    await this.#socket.bind(this.address);
    void this.#heed();
  }

  /** In the order said. Never fails: nobody waits for it. */
  say(topic: string, { body }: Pick<Packed, 'body'>): void {
    if (this.#wanted === 0) return;
    this.#sending = this.#sending
      .then(() => (this.#socket.closed ? undefined : this.#socket.send([topic, body])))
      .catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#sending;
    this.#socket.close();
  }

  /** libzmq tells of the first to ask for a beginning of topics and of the last to go. Anything else is not for us. */
  async #heed(): Promise<void> {
    for await (const [frame] of this.#socket) {
      if (frame?.[0] === SUBSCRIBED) this.#wanted += 1;
      else if (frame?.[0] === UNSUBSCRIBED) this.#wanted -= 1;
    }
  }
}
