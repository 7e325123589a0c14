import type { Channel, ConsumeMessage, MessageProperties, Options } from 'amqplib';
import type { PackedReply } from '../delivery/responder.js';
import { BusError } from '../port.js';

/** Type of a reply that says why there is no answer; `ok` and `problem` are the answers. */
const FAILED = 'failed';
const CODES: readonly string[] = ['timeout', 'unavailable', 'overloaded', 'malformed'];
const EMPTY = Buffer.alloc(0);

/** Sends the answer to whoever asked; a request without `reply-to` gets none. */
export function reply(channel: Channel, { properties }: ConsumeMessage, result: PackedReply | BusError): void {
  if (typeof properties.replyTo !== 'string') return;
  const correlationId = String(properties.correlationId ?? '');
  if (result instanceof BusError) {
    const headers = { code: result.code, reason: result.message };
    channel.publish('', properties.replyTo, EMPTY, { correlationId, type: FAILED, headers });
  } else {
    const options: Options.Publish = { correlationId, type: result.status, contentType: 'application/json' };
    channel.publish('', properties.replyTo, result.body, options);
  }
}

/** @returns the error a reply carries, undefined when it is an answer */
export function failureOf({ type, headers }: MessageProperties): BusError | undefined {
  if (type !== FAILED) return undefined;
  const code = CODES.find((known) => known === headers?.code) as BusError['code'] | undefined;
  return new BusError(code ?? 'unavailable', String(headers?.reason ?? 'the request failed'));
}
