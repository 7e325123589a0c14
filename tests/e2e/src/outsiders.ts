import { Recording } from '@handover/testkit';
import { connect } from 'amqplib';
import { Dealer, Subscriber } from 'zeromq';

/** A command as its sender thinks of it. */
export interface Sent {
  readonly command: string;
  readonly token?: string | undefined;
  readonly id?: string | undefined;
  readonly body: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A reply, whatever it came by. */
export interface Received {
  readonly kind: string;
  readonly status: number;
  readonly correlationId: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Somebody with a library of the transport and this project's manual, and no code of it. */
export interface Outsider {
  /** Sends a command and waits for its reply. */
  ask(sent: Sent): Promise<Received>;
  /** Sends a command and waits for nothing. Over ZeroMQ the reply is thrown away. */
  tell(sent: Sent): Promise<void>;
  /** Events, with the topics they came under, from the moment somebody subscribed. */
  readonly events: Recording<readonly [topic: string, event: Record<string, unknown>]>;
  /** Waits for an event. */
  event(matches: (event: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const PATIENCE_MS = 15_000;

/** Pairs replies with commands by their correlation ids, as every client of a queue does. */
function correspondence() {
  const waiting = new Map<string, (received: Received) => void>();
  let last = 0;
  return {
    received: (reply: Received): void => {
      waiting.get(reply.correlationId ?? '')?.(reply);
      waiting.delete(reply.correlationId ?? '');
    },
    ask: async (send: (correlationId: string) => Promise<void>): Promise<Received> => {
      const correlationId = `c-${++last}`;
      let timer: NodeJS.Timeout | undefined;
      const reply = new Promise<Received>((resolve, reject) => {
        waiting.set(correlationId, resolve);
        timer = setTimeout(() => reject(new Error(`no reply to ${correlationId}`)), PATIENCE_MS);
      });
      await send(correlationId);
      return reply.finally(() => clearTimeout(timer));
    },
  };
}

function eventLog() {
  const events = new Recording<readonly [string, Record<string, unknown>]>('events');
  const event = async (matches: (event: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> => {
    for (let seen = 0; ; seen++) {
      const [, one] = events.items[seen] ?? (await events.nth(seen + 1, PATIENCE_MS));
      if (matches(one)) return one;
    }
  };
  return { events, event };
}

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

/** A client of RabbitMQ by amqplib. @param queue name of a durable queue of its own for events; without, one that goes with it */
export async function amqpOutsider(url: string, prefix: string, queue = ''): Promise<Outsider> {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  const { received, ask } = correspondence();
  const { events, event } = eventLog();
  await channel.consume(
    'amq.rabbitmq.reply-to',
    (reply) => {
      if (!reply) return;
      const { type, correlationId, headers } = reply.properties as {
        type: string;
        correlationId?: string;
        headers: Record<string, unknown>;
      };
      const text = reply.content.toString();
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      received({ kind: type, status: Number(headers.status), correlationId, headers, body });
    },
    { noAck: true },
  );
  const own = await channel.assertQueue(queue, queue === '' ? { exclusive: true } : { durable: true });
  await channel.bindQueue(own.queue, `${prefix}.events`, '#');
  await channel.consume(own.queue, (message) => {
    if (!message) return;
    events.record([message.fields.routingKey, JSON.parse(message.content.toString()) as Record<string, unknown>]);
    channel.ack(message);
  });
  const publish = async ({ command, token, id, body, contentType, headers }: Sent, correlationId?: string) => {
    channel.publish(`${prefix}.commands`, command, Buffer.from(textOf(body)), {
      headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      ...(id !== undefined && { messageId: id }),
      ...(contentType !== undefined && { contentType }),
      ...(correlationId !== undefined && { correlationId, replyTo: 'amq.rabbitmq.reply-to' }),
    });
    await channel.waitForConfirms();
  };
  return {
    ask: (sent) => ask((correlationId) => publish(sent, correlationId)),
    tell: (sent) => publish(sent),
    events,
    event,
    close: () => connection.close(),
  };
}

/** A client of ZeroMQ: a DEALER for commands, a SUB for events. */
export async function zeromqOutsider(outside: { commands: string; events: string }): Promise<Outsider> {
  const dealer = new Dealer({ linger: 0 });
  dealer.connect(outside.commands);
  const subscriber = new Subscriber({ linger: 0 });
  subscriber.connect(outside.events);
  subscriber.subscribe('');
  const { received, ask } = correspondence();
  const { events, event } = eventLog();
  const receive = async (): Promise<void> => {
    for await (const [frame] of dealer) {
      const {
        reply: kind,
        'correlation-id': correlationId,
        body,
        ...headers
      } = JSON.parse(String(frame)) as {
        reply: string;
        'correlation-id'?: string;
        body: unknown;
        status: number;
      };
      received({ kind, status: headers.status, correlationId, headers, body });
    }
  };
  const hear = async (): Promise<void> => {
    for await (const [topic, body] of subscriber) {
      events.record([String(topic), JSON.parse(String(body)) as Record<string, unknown>]);
    }
  };
  void receive();
  void hear();
  const publish = ({ command, token, id, body, contentType, headers }: Sent, correlationId?: string): Promise<void> =>
    dealer.send(
      JSON.stringify({
        command,
        'message-id': id,
        'correlation-id': correlationId,
        'content-type': contentType,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
        body,
      }),
    );
  return {
    ask: (sent) => ask((correlationId) => publish(sent, correlationId)),
    tell: (sent) => publish(sent),
    events,
    event,
    async close() {
      dealer.close();
      subscriber.close();
    },
  };
}
