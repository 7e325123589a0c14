import { z } from 'zod';
import { BusError, type Message } from '../port.js';
import { decodeBody, parseText } from '../message/body.js';
import { envelopeSchema, malformed, type Envelope } from '../message/envelope.js';

/**
 * What two processes say to each other. A frame holds one record or several: magic and version, lengths of head and body,
 * head (JSON), body (JSON or empty). The head carries the envelope, so a body is never opened to route, order or trace a
 * message. A message has one frame and not several: libzmq 4.3.5 aborts the process when a connection breaks between two
 * frames that are being read (fq.cpp, `!_more`).
 */
const MAGIC = Buffer.from('HOV\x02').readUInt32BE();
const HEAD_LENGTH_AT = 4;
const BODY_LENGTH_AT = HEAD_LENGTH_AT + 4;
const PREFIX_BYTES = BODY_LENGTH_AT + 4;
const MAX_HEAD_BYTES = 64 * 1024;
const EMPTY = Buffer.alloc(0);

/** Room for everything beside the largest body, for the transport's own limit. */
export const OVERHEAD_BYTES = PREFIX_BYTES + MAX_HEAD_BYTES;

const sequence = z.number().int().positive();
const code = z.enum(['timeout', 'unavailable', 'unroutable', 'overloaded', 'stopped', 'malformed']);

/** From a caller (DEALER) to a service (ROUTER). */
const callSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hello') }),
  z.object({ kind: z.literal('request'), correlation: z.string(), service: z.string(), envelope: envelopeSchema }),
  z.object({
    kind: z.literal('delivery'),
    sequence,
    /** As the welcome of this connection said. What an earlier connection left behind would overtake what is sent again. */
    session: z.string(),
    /** Queue or subscription. */
    destination: z.string(),
    /** How often it was sent, this time included. */
    sends: z.number().int().positive(),
    /** Milliseconds until its sender gives up; relative, so that clocks need not agree. */
    remainingMs: z.number().nonnegative(),
    envelope: envelopeSchema,
  }),
  z.object({ kind: z.literal('broadcast'), channel: z.string(), envelope: envelopeSchema }),
  /** For outsiders, by way of the process that has a socket for them. */
  z.object({ kind: z.literal('announcement'), topic: z.string() }),
]);

/** From a service (ROUTER) back to a caller (DEALER). */
const answerSchema = z.discriminatedUnion('kind', [
  /** `incarnation` changes when the service's process does, `session` with every connection. */
  z.object({ kind: z.literal('welcome'), service: z.string(), incarnation: z.string(), session: z.string() }),
  z.object({ kind: z.literal('reply'), correlation: z.string(), status: z.enum(['ok', 'problem']) }),
  z.object({ kind: z.literal('failed'), correlation: z.string(), code, reason: z.string() }),
  z.object({ kind: z.literal('acknowledged'), sequence, destination: z.string() }),
  z.object({ kind: z.literal('refused'), sequence, destination: z.string(), code, reason: z.string() }),
]);

export type Call = z.infer<typeof callSchema>;
export type Answer = z.infer<typeof answerSchema>;
/** @returns one record */
export function encode(head: Call | Answer, body: Buffer = EMPTY): Buffer {
  const text = JSON.stringify(head);
  const headBytes = Buffer.byteLength(text);
  const record = Buffer.allocUnsafe(PREFIX_BYTES + headBytes + body.length);
  record.writeUInt32BE(MAGIC);
  record.writeUInt32BE(headBytes, HEAD_LENGTH_AT);
  record.writeUInt32BE(body.length, BODY_LENGTH_AT);
  record.write(text, PREFIX_BYTES);
  if (body.length > 0) body.copy(record, PREFIX_BYTES + headBytes);
  return record;
}

export interface Decoded<Head> {
  readonly head: Head;
  readonly body: Buffer;
}

/** @returns the records of a message, one by one. @throws BusError `malformed` with what is wrong, after those before it */
export const decodeCalls = (frames: readonly Buffer[]): Generator<Decoded<Call>> => decode(callSchema, frames);

/** @returns the records of a message, one by one. @throws BusError `malformed` with what is wrong, after those before it */
export const decodeAnswers = (frames: readonly Buffer[]): Generator<Decoded<Answer>> => decode(answerSchema, frames);

function* decode<Head>(schema: z.ZodType<Head>, frames: readonly Buffer[]): Generator<Decoded<Head>> {
  const [frame] = frames;
  if (!frame || frames.length > 1) throw new BusError('malformed', `expected 1 frame, got ${frames.length}`);
  let at = 0;
  do {
    const { headAt, bodyAt, end } = boundsOf(frame, at);
    const parsed = schema.safeParse(parseText(frame.toString('utf8', headAt, bodyAt)));
    if (!parsed.success) throw malformed('head', parsed.error);
    yield { head: parsed.data, body: bodyAt === end ? EMPTY : frame.subarray(bodyAt, end) };
    at = end;
  } while (at < frame.length);
}

/** Where the parts of the record at `at` are. */
function boundsOf(frame: Buffer, at: number): { headAt: number; bodyAt: number; end: number } {
  const headAt = at + PREFIX_BYTES;
  if (headAt > frame.length || frame.readUInt32BE(at) !== MAGIC) {
    throw new BusError('malformed', 'not a record of this protocol and version');
  }
  const headBytes = frame.readUInt32BE(at + HEAD_LENGTH_AT);
  const bodyAt = headAt + headBytes;
  const end = bodyAt + frame.readUInt32BE(at + BODY_LENGTH_AT);
  if (headBytes > MAX_HEAD_BYTES || end > frame.length)
    throw new BusError('malformed', 'a record does not fit its frame');
  return { headAt, bodyAt, end };
}

/** @throws BusError `malformed` when the body is not JSON or too large */
export function messageOf(envelope: Envelope, body: Buffer, maxBytes: number): Message {
  return { ...envelope, body: decodeBody(body, envelope.headers.contentType, maxBytes) };
}
