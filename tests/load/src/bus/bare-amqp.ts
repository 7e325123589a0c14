import { connect } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { IN_HAND, PATIENCE_MS, type Asker, type Way } from './way.js';

/**
 * Request and reply as amqplib's users write it, with the promises of the adapter that the broker keeps: transient messages
 * and direct reply-to, a request expires with its asker's patience and comes back when nobody serves it, and is acknowledged
 * with its answer, so that the prefetch bounds what is in hand.
 */
const DIRECT_REPLY_TO = 'amq.rabbitmq.reply-to';
/** Without, the kernel holds small messages back for the sake of bigger packets: 40 ms for each request alone. */
const SOCKET = { noDelay: true };
const queueOf = ({ name }: Way): string => `${name}.bare`;

export async function answerBareAmqp(way: Way): Promise<void> {
  const channel = await (await connect(way.place, SOCKET)).createChannel();
  const queue = queueOf(way);
  await channel.prefetch(IN_HAND);
  await channel.assertQueue(queue, { durable: false, autoDelete: true });
  await channel.consume(queue, (request) => {
    if (!request) throw new Error('the broker cancelled the consumer');
    const { replyTo, correlationId } = request.properties as { replyTo: string; correlationId: string };
    const body: unknown = JSON.parse(request.content.toString());
    channel.publish('', replyTo, Buffer.from(JSON.stringify(body)), { correlationId, contentType: 'application/json' });
    channel.ack(request);
  });
}

export async function askBareAmqp(way: Way): Promise<Asker> {
  const connection = await connect(way.place, SOCKET);
  const channel = await connection.createChannel();
  const waiting = new Map<string, { resolve: (body: unknown) => void; reject: (error: Error) => void }>();
  const take = (correlationId: unknown) => {
    const asked = waiting.get(String(correlationId));
    waiting.delete(String(correlationId));
    return asked;
  };
  channel.on('return', ({ properties }) =>
    take(properties.correlationId)?.reject(new Error('nobody serves the queue')),
  );
  const answered = (reply: { content: Buffer; properties: { correlationId: unknown } } | null) => {
    if (reply) take(reply.properties.correlationId)?.resolve(JSON.parse(reply.content.toString()));
  };
  await channel.consume(DIRECT_REPLY_TO, answered, { noAck: true });
  let asked = 0;
  return {
    ask: (body) =>
      new Promise((resolve, reject) => {
        const correlationId = String(++asked);
        waiting.set(correlationId, { resolve, reject });
        channel.publish('', queueOf(way), Buffer.from(JSON.stringify(body)), {
          correlationId,
          messageId: randomUUID(),
          replyTo: DIRECT_REPLY_TO,
          contentType: 'application/json',
          expiration: PATIENCE_MS,
          mandatory: true,
        });
      }),
    close: () => connection.close(),
  };
}
