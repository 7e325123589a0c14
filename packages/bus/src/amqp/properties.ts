import type { ConsumeMessage, Options } from 'amqplib';
import { decodeBody } from '../message/body.js';
import { parseEnvelope, type Envelope } from '../message/envelope.js';
import type { Message, MessageHeaders } from '../port.js';

/** Names of our headers in a message's header table, as an outsider writes them too. */
const HEADER_NAMES = {
  requestId: 'request-id',
  traceparent: 'traceparent',
  tenant: 'tenant',
  principal: 'principal',
  authorization: 'authorization',
  idempotencyKey: 'idempotency-key',
  deadline: 'deadline',
} satisfies Record<Exclude<keyof MessageHeaders, 'contentType'>, string>;

const KEY_HEADER = 'message-key';
const DEFAULT_CONTENT_TYPE = 'application/json';

/** @returns the properties that carry an envelope: id, type and content type in their own, the rest in the header table */
export function propertiesOf({ id, type, key, headers }: Envelope): Options.Publish {
  const table: Record<string, string | number> = {};
  for (const [name, header] of Object.entries(HEADER_NAMES)) {
    const value = headers[name as keyof typeof HEADER_NAMES];
    if (value !== undefined) table[header] = value;
  }
  if (key !== undefined) table[KEY_HEADER] = key;
  return { messageId: id, type, contentType: headers.contentType ?? DEFAULT_CONTENT_TYPE, headers: table };
}

/** @throws BusError `malformed` naming the property or header that is missing or wrong */
export function messageOf({ properties, content }: ConsumeMessage, maxBodyBytes: number): Message {
  const table = properties.headers ?? {};
  const contentType: unknown = properties.contentType;
  const headers = Object.fromEntries(
    Object.entries(HEADER_NAMES).map(([name, header]) => [name, table[header] as unknown]),
  );
  const envelope = parseEnvelope({
    id: properties.messageId,
    type: properties.type,
    key: table[KEY_HEADER],
    headers: { ...headers, contentType: contentType === DEFAULT_CONTENT_TYPE ? undefined : contentType },
  });
  return { ...envelope, body: decodeBody(content, envelope.headers.contentType, maxBodyBytes) };
}

/** Deliveries before this one. A quorum queue counts them; another queue only tells that there was one. */
export function deliveriesBefore({ properties, fields }: ConsumeMessage): number {
  const count: unknown = properties.headers?.['x-delivery-count'];
  if (typeof count === 'number') return count;
  return fields.redelivered ? 1 : 0;
}
