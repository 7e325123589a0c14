import type { HandoverEvent } from '@handover/contracts';
import { Subscriber } from 'zeromq';
import { curveOptions, type Curve } from './socket-options.js';

export interface ZeromqSubscriberOptions {
  /** Where the platform publishes (`ZMQ_EVENTS`). */
  readonly address: string;
  /** `<tenant>.<event type>.<scenario name>`, `*` for a word, `#` at the end for any; default every completion. */
  readonly topics?: readonly string[];
  readonly curve?: Curve;
  readonly onError?: (error: unknown, event: HandoverEvent) => void;
}

export interface Subscription {
  /** Resolves when the handler has finished the event in hand. */
  stop(): Promise<void>;
}

/**
 * Hears events as they are published, one after the other. Best effort: what is said while nobody listens, or to a handler too slow
 * for too long, is not said again. Who must not miss any uses AMQP or a webhook.
 */
export function subscribeEvents(
  { address, topics = ['*.process.completed.#'], curve, onError }: ZeromqSubscriberOptions,
  handler: (event: HandoverEvent) => Promise<void>,
): Subscription {
  const socket = new Subscriber({ linger: 0, ...curveOptions(curve) });
  const patterns = topics.map(patternOf);
  // The socket filters by the beginning, up to the first wildcard; the rest is looked at here.
  for (const topic of topics) socket.subscribe(/^[^*#]*/.exec(topic)?.[0] ?? '');
  socket.connect(address);

  const listening = (async () => {
    for await (const [topic, body] of socket) {
      if (!body || !patterns.some((pattern) => pattern.test(String(topic)))) continue;
      const event = JSON.parse(body.toString('utf8')) as HandoverEvent;
      await handler(event).catch((error: unknown) => onError?.(error, event));
    }
  })();
  return {
    async stop() {
      socket.close();
      await listening.catch(() => undefined);
    },
  };
}

function patternOf(topic: string): RegExp {
  const words = topic
    .split('.')
    .map((word) => (word === '*' ? '[^.]+' : word === '#' ? '.*' : word.replaceAll(/[^\w-]/g, '\\$&')));
  return new RegExp(`^${words.join('\\.').replace(/\\\.\.\*$/, '(\\..*)?')}$`);
}
