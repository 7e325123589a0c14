import type { HandoverEvent } from '@handover/contracts';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { perform, type Outcome, type WorkerOptions } from '../worker/handler.js';
import { assertQueue, attemptOf, contentOf, settle, type QueueOptions } from './consume.js';
import { openSession, type SessionOptions } from './session.js';

/** Does something about an event. May be called again with the same one: `event.id` tells. */
export type EventHandler = (event: HandoverEvent) => Promise<void>;

export interface AmqpConsumerOptions extends SessionOptions, QueueOptions {
  /** First word of the platform's names on the broker; default `handover`. */
  readonly prefix?: string;
  /** `<tenant>.<event type>.<scenario name>`, `*` for a word, `#` for any; default every completion, `*.process.completed.#`. */
  readonly topics?: readonly string[];
  /** Told of every failure. */
  readonly onError?: WorkerOptions['onError'];
}

export interface Consumer {
  /** Takes no more events in and resolves when those in hand are done. */
  stop(): Promise<void>;
}

/**
 * Consumes events with a durable queue of one's own: what happens while nobody consumes waits there. At least once, in order per
 * queue unless one is tried again. Consumers with the same queue share the work.
 */
export async function consumeEvents(options: AmqpConsumerOptions, handler: EventHandler): Promise<Consumer> {
  const { prefix = 'handover', queue, topics = ['*.process.completed.#'], onError } = options;
  const ending = new AbortController();
  const inHand = new Set<Promise<void>>();
  let tag = '';

  const handle = async (channel: ConfirmChannel, message: ConsumeMessage): Promise<void> => {
    const id = String(message.properties.messageId ?? '');
    const facts = { service: queue, id, process: '', etag: '', tenant: '', traceparent: undefined };
    const delivery = { ...facts, attempt: attemptOf(message), signal: ending.signal };
    let outcome: Outcome;
    try {
      outcome = await perform(handler, contentOf(message), delivery);
    } catch (error) {
      outcome = { kind: 'refused', error };
    }
    if (outcome.kind !== 'done') onError?.(outcome.error, delivery);
    await settle(channel, message, outcome, ending.signal);
  };

  const session = await openSession(options, async (channel) => {
    await assertQueue(channel, options);
    await channel.checkExchange(`${prefix}.events`);
    for (const topic of topics) await channel.bindQueue(queue, `${prefix}.events`, topic);
    const consuming = await channel.consume(queue, (message) => {
      if (!message) return void channel.close().catch(() => undefined);
      const work = handle(channel, message);
      inHand.add(work);
      void work.finally(() => inHand.delete(work));
    });
    tag = consuming.consumerTag;
  });

  return {
    async stop() {
      await Promise.resolve()
        .then(() => session.channel.cancel(tag))
        .catch(() => undefined);
      ending.abort();
      await Promise.allSettled(inHand);
      await session.close();
    },
  };
}
