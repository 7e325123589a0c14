import { randomUUID } from 'node:crypto';
import type { ConsumeMessage } from 'amqplib';
import { carried, replying } from '../delivery/foreign.js';
import type { BusLogger } from '../logger.js';
import { BusError, type ForeignHandler, type ForeignMessage, type IntakeOptions, type Message } from '../port.js';
import type { Publication } from './publisher.js';

export interface DoorOptions {
  readonly publish: (publication: Publication) => Promise<void>;
  /** Whether a queue belongs to the platform. */
  readonly isOurs: (queue: string) => boolean;
  readonly maxBodyBytes: number;
  readonly keyOf: IntakeOptions['keyOf'];
  readonly logger: BusLogger;
}

const LONGEST_ID = 255;

/** Reads the messages of any AMQP client and answers them where they say. */
export function openDoor(handler: ForeignHandler, options: DoorOptions) {
  const read = (delivery: ConsumeMessage): Message => {
    const { properties, content } = delivery;
    if (content.length > options.maxBodyBytes) {
      throw new BusError('malformed', `body of ${content.length} bytes exceeds the limit of ${options.maxBodyBytes}`);
    }
    const replyTo = text(properties.replyTo);
    // We may write where the sender may not: a reply must not become a message to one of our own queues.
    if (replyTo !== undefined && options.isOurs(replyTo)) {
      throw new BusError('malformed', `reply-to names a queue of the platform: ${replyTo.slice(0, LONGEST_ID)}`);
    }
    const message = foreignMessage(delivery, replyTo !== undefined);
    const key = options.keyOf?.(message);
    return carried({ message, reply: (reply) => answer(message, replyTo, reply) }, randomUUID(), key);
  };

  const answer: (message: ForeignMessage, replyTo: string | undefined, reply: Reply) => Promise<void> = async (
    { id, correlationId = id },
    replyTo,
    { status, contentType, headers, body },
  ) => {
    if (replyTo === undefined) return;
    const publication: Publication = {
      exchange: '',
      routingKey: replyTo,
      body: body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body)),
      properties: {
        type: status,
        messageId: randomUUID(),
        ...(correlationId !== undefined && { correlationId }),
        ...(body !== undefined && { contentType }),
        headers,
      },
      mandatory: true,
    };
    await options.publish(publication);
  };

  return { read, handle: replying(handler, options.logger) };
}

type Reply = Parameters<Parameters<typeof carried>[0]['reply']>[0];

function foreignMessage({ properties, fields, content }: ConsumeMessage, wantsReply: boolean): ForeignMessage {
  const id = text(properties.messageId);
  const correlationId = text(properties.correlationId);
  const contentType = text(properties.contentType);
  const table = Object.entries(properties.headers ?? {}).flatMap(([name, value]) => {
    const header = text(value);
    return header === undefined ? [] : [[name.toLowerCase(), header] as const];
  });
  return {
    name: text(properties.type) ?? fields.routingKey,
    ...(id !== undefined && id.length <= LONGEST_ID && { id }),
    ...(correlationId !== undefined && { correlationId }),
    ...(contentType !== undefined && { contentType }),
    headers: Object.fromEntries(table),
    content,
    wantsReply,
  };
}

/** A property or header as text; clients send numbers and byte strings, too. Undefined when it is empty or something else. */
function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'string' && value !== '' ? value : undefined;
}
