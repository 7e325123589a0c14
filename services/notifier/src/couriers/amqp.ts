import type { ServiceConfig } from '@handover/contracts';
import type { ConfirmChannel, Options } from 'amqplib';
import type { Brokers } from './amqp-broker.js';
import {
  contentTypeOf,
  timed,
  traceparentOf,
  unlessAborted,
  within,
  type Courier,
  type Destination,
  type Found,
  type ServiceMessage,
} from './courier.js';

export type AmqpService = Extract<ServiceConfig, { provider: 'amqp' }>;

/** A channel of one service, and what the broker returned on it. */
interface Line {
  readonly channel: ConfirmChannel;
  /** Message id → why no queue took it. */
  readonly returned: Map<string, string>;
}

/** Whether the service is to answer: `replyTo` alone says so too, unless `reply` denies it (engine-service §8.4). */
export const awaitsReply = ({ reply, replyTo }: AmqpService): boolean => reply ?? replyTo !== undefined;

/** The queue that replies come to: durable and shared by all notifiers, so that none is lost with one of them (E32). */
export const replyQueueOf = (tenant: string | undefined, { name, config }: Destination<AmqpService>): string =>
  config.replyTo ?? ['handover.replies', ...(tenant === undefined ? [] : [tenant]), name].join('.');

/**
 * Services on AMQP 0-9-1 (engine-service §8.4, E31): encoded once, confirmed by the broker, and an error when no queue takes
 * it. `message-id` and `correlation-id` are the delivery's id: whoever replies gives either back as correlation id.
 */
export function createAmqpCourier(brokers: Brokers): Courier<AmqpService> {
  const lines = new Map<string, Promise<Line>>();

  const lineTo = (tenant: string, to: Destination<AmqpService>): Promise<Line> => {
    const key = JSON.stringify([to.trusted ? '' : tenant, to.name, to.config]);
    let known = lines.get(key);
    if (!known) {
      known = openLine(brokers, tenant, to, () => lines.delete(key));
      known.catch(() => lines.delete(key));
      lines.set(key, known);
    }
    return known;
  };

  return {
    send: (message, to, signal) =>
      timed(() =>
        within(to.config.timeout, signal, async (limit) => {
          const line = await unlessAborted(lineTo(message.tenant, to), limit);
          return unlessAborted(publish(line, message, to), limit);
        }),
      ),
    async close() {
      lines.clear();
    },
  };
}

async function openLine(
  brokers: Brokers,
  tenant: string,
  to: Destination<AmqpService>,
  gone: () => void,
): Promise<Line> {
  const { config, trusted } = to;
  const model = await brokers.connection(config.url, trusted);
  const channel = await model.createConfirmChannel();
  const returned = new Map<string, string>();
  let failure: Error | undefined;
  channel.on('error', (error: Error) => (failure = error));
  channel.on('close', gone);
  channel.on('return', ({ properties, fields }) => {
    const text = (fields as { replyText?: string }).replyText ?? 'NO_ROUTE';
    returned.set(String(properties.messageId), text);
  });
  try {
    if (config.exchange !== '') await channel.assertExchange(config.exchange, 'direct', { durable: true });
    if (awaitsReply(config))
      await channel.assertQueue(replyQueueOf(trusted ? undefined : tenant, to), { durable: true });
  } catch (error) {
    throw failure ?? error;
  }
  return { channel, returned };
}

function publish({ channel, returned }: Line, message: ServiceMessage, to: Destination<AmqpService>): Promise<Found> {
  const { exchange, routingKey, responseTimeout } = to.config;
  const isAwaited = awaitsReply(to.config);
  return new Promise((resolve, reject) => {
    channel.publish(exchange, routingKey, Buffer.from(message.body), propertiesOf(message, to), (error: unknown) => {
      const reason = returned.get(message.id);
      returned.delete(message.id);
      if (error) reject(error instanceof Error ? error : new Error('the broker refused the message'));
      else if (reason !== undefined) reject(new Error(`no queue takes it: ${reason}`));
      else
        resolve({
          status: null,
          answer: null,
          error: null,
          ...(isAwaited && { replyWithinMs: responseTimeout * 1_000 }),
        });
    });
  });
}

function propertiesOf(message: ServiceMessage, to: Destination<AmqpService>): Options.Publish {
  const { appId, persistent, headers, priority, expiration, type, userId, contentEncoding } = to.config;
  const { id, tenant, process, facts } = message;
  return {
    messageId: id,
    correlationId: id,
    ...(awaitsReply(to.config) && { replyTo: replyQueueOf(to.trusted ? undefined : tenant, to) }),
    appId,
    persistent,
    mandatory: true,
    timestamp: Math.floor(Date.now() / 1_000),
    contentType: contentTypeOf(message),
    headers: { ...headers, process, etag: facts.etag, tenant, service: to.name, traceparent: traceparentOf(message) },
    ...(priority !== undefined && { priority }),
    ...(expiration !== undefined && { expiration }),
    ...(type !== undefined && { type }),
    ...(userId !== undefined && { userId }),
    ...(contentEncoding !== undefined && { contentEncoding }),
  };
}
