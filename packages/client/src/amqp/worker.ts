import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { Outcome, Worker, WorkerOptions } from '../worker/handler.js';
import { metadataOf } from '../worker/metadata.js';
import { createWorker, type Take } from '../worker/shift.js';
import { assertQueue, attemptOf, contentOf, settle } from './consume.js';
import { openSession, type Session, type SessionOptions } from './session.js';

export interface ServiceQueue {
  /** Default: the name of the service. */
  readonly queue?: string;
  /** Direct exchange to bind it to, as the service's `exchange` says; absent: the service's `routingKey` is the queue. */
  readonly exchange?: string;
  /** Default: the name of the queue. */
  readonly routingKey?: string;
  readonly deadLetterExchange?: string;
}

export interface AmqpWorkerOptions extends SessionOptions, WorkerOptions {
  /** By service, where it is not the default: a durable queue of the service's name. */
  readonly queues?: Readonly<Record<string, ServiceQueue>>;
}

/**
 * Does the work of services of provider `amqp`. Messages are acknowledged when they are done and answered; one that fails is given
 * back after a delay, one that is refused (`WorkError` with `never`) goes to the dead letters. Replies go where `reply-to` says,
 * with the correlation id of the message, and are confirmed by the broker before the message is acknowledged.
 */
export function amqpWorker(options: AmqpWorkerOptions): Worker {
  const ending = new AbortController();
  const tags: string[] = [];
  const settling = new Set<Promise<void>>();
  let session: Session | undefined;

  const serve = async (channel: ConfirmChannel, service: string, take: Take): Promise<void> => {
    const { queue = service, exchange, routingKey = queue, deadLetterExchange } = options.queues?.[service] ?? {};
    await assertQueue(channel, { queue, ...(deadLetterExchange !== undefined && { deadLetterExchange }) });
    if (exchange !== undefined) {
      await channel.assertExchange(exchange, 'direct', { durable: true });
      await channel.bindQueue(queue, exchange, routingKey);
    }
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (!message) return void channel.close().catch(() => undefined);
      const work = handle(channel, service, message, take);
      settling.add(work);
      void work.finally(() => settling.delete(work));
    });
    tags.push(consumerTag);
  };

  const handle = async (
    channel: ConfirmChannel,
    service: string,
    message: ConsumeMessage,
    take: Take,
  ): Promise<void> => {
    let outcome: Outcome;
    try {
      const { messageId, headers } = message.properties as { messageId?: unknown; headers?: Record<string, unknown> };
      const delivery = { service, ...metadataOf(headers ?? {}, messageId), attempt: attemptOf(message) };
      outcome = await take(contentOf(message), delivery);
      if (outcome.kind === 'done') await reply(channel, message, outcome.reply);
    } catch (error) {
      outcome = error instanceof SyntaxError ? { kind: 'refused', error } : { kind: 'retry', afterMs: 1_000, error };
    }
    await settle(channel, message, outcome, ending.signal);
  };

  return createWorker(
    {
      async open(services, take) {
        session = await openSession(options, async (channel) => {
          tags.length = 0;
          for (const service of services) await serve(channel, service, take);
        });
      },
      async pause() {
        // Without a connection there is nothing to cancel.
        await Promise.allSettled(tags.map(async (tag) => session?.channel.cancel(tag)));
      },
      async close() {
        ending.abort();
        await Promise.allSettled(settling);
        await session?.close();
      },
    },
    options,
  );
}

async function reply(channel: ConfirmChannel, { properties }: ConsumeMessage, answer: unknown): Promise<void> {
  const replyTo = properties.replyTo as unknown;
  if (answer === undefined || typeof replyTo !== 'string' || replyTo === '') return;
  const correlationId: unknown = properties.correlationId ?? properties.messageId;
  await new Promise<void>((resolve, reject) => {
    channel.sendToQueue(
      replyTo,
      Buffer.from(JSON.stringify(answer)),
      {
        contentType: 'application/json',
        persistent: true,
        ...(typeof correlationId === 'string' && { correlationId }),
      },
      (error: unknown) => (error ? reject(new Error('The broker refused the reply', { cause: error })) : resolve()),
    );
  });
}
