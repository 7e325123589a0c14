import { z } from 'zod';
import { BusError, type Message, type MessageHeaders } from '../port.js';

/** AMQP carries ids and types as short strings; held on both transports. */
const SHORT = 255;
const short = z.string().min(1).max(SHORT);
const text = z.string().exactOptional();

/** Headers as they travel: unknown ones are ignored, so that an older receiver understands a newer sender. */
export const headersSchema = z.object({
  requestId: text,
  traceparent: text,
  tenant: text,
  principal: text,
  authorization: text,
  idempotencyKey: text,
  deadline: z.number().exactOptional(),
  contentType: text,
}) satisfies z.ZodType<MessageHeaders>;

/** A message without its body, which travels apart from it. */
export const envelopeSchema = z.object({
  id: short,
  type: short,
  key: z.string().exactOptional(),
  headers: headersSchema,
});

export type Envelope = z.infer<typeof envelopeSchema>;

/** Room for everything beside the body; a signed principal and a token fit many times. amqplib encodes at most 64 KiB. */
const MAX_ENVELOPE_BYTES = 32 * 1024;
/** What a character of a text takes in JSON at most: a control character is written out, as six. */
const MOST_ESCAPED = 6;
/** More than the names, quotes and numbers of an envelope take. */
const NAMES_BYTES = 1_024;

/**
 * What goes on the wire of a message handed over by the program.
 * @throws BusError `malformed` naming what is missing, of the wrong type or too long
 */
export function envelopeOf(message: Message): Envelope {
  const { id, type, key, headers } = message;
  const envelope = isSound(message)
    ? { id, type, ...(key !== undefined && { key }), headers }
    : parseEnvelope({ id, type, key, headers });
  if (textLength(envelope) * MOST_ESCAPED < MAX_ENVELOPE_BYTES - NAMES_BYTES) return envelope;
  const bytes = Buffer.byteLength(JSON.stringify(envelope));
  if (bytes > MAX_ENVELOPE_BYTES) {
    throw new BusError('malformed', `headers of ${bytes} bytes exceed the limit of ${MAX_ENVELOPE_BYTES}`);
  }
  return envelope;
}

const isShort = (value: unknown): boolean => typeof value === 'string' && value.length > 0 && value.length <= SHORT;

/**
 * Whether the schema would find nothing wrong and nothing to leave out: so it is with what programs send, and this costs a
 * fraction of asking it. Whatever it does not know is the schema's to judge.
 */
function isSound({ id, type, key, headers }: Message): boolean {
  if (!isShort(id) || !isShort(type) || (key !== undefined && typeof key !== 'string')) return false;
  for (const [name, value] of Object.entries(headers)) {
    if (!Object.hasOwn(headersSchema.shape, name) || typeof value !== (name === 'deadline' ? 'number' : 'string'))
      return false;
  }
  return headers.deadline === undefined || Number.isFinite(headers.deadline);
}

/** Characters of its texts: an envelope that cannot be too large need not be written out to know it. */
function textLength({ id, type, key = '', headers }: Envelope): number {
  let length = id.length + type.length + key.length;
  for (const header of Object.values(headers)) if (typeof header === 'string') length += header.length;
  return length;
}

/**
 * Reads an envelope from the wire. Absent values may be `undefined`.
 * @throws BusError `malformed` naming the field
 */
export function parseEnvelope(value: {
  id: unknown;
  type: unknown;
  key: unknown;
  headers: Readonly<Record<string, unknown>> | MessageHeaders;
}): Envelope {
  const headers = withoutUndefined(value.headers);
  const { id, type, key } = value;
  const result = envelopeSchema.safeParse({ id, type, headers, ...(key === undefined ? {} : { key }) });
  if (!result.success) throw malformed('message', result.error);
  return result.data;
}

function withoutUndefined(headers: object): object {
  const entries = Object.entries(headers);
  return entries.every(([, header]) => header !== undefined)
    ? headers
    : Object.fromEntries(entries.filter(([, header]) => header !== undefined));
}

/** @returns the first thing wrong as a BusError; the value itself is not repeated, it may be a secret. */
export function malformed(what: string, error: z.ZodError): BusError {
  const [issue] = error.issues;
  const path = issue?.path.join('.') ?? '';
  return new BusError('malformed', `${what}${path && `: ${path}`}: ${issue?.message ?? 'invalid'}`);
}
