import type { ConsumeMessage } from 'amqplib';
import type { Names } from './names.js';
import type { Publication } from './publisher.js';

/** A reason may quote a handler's error; more than this helps nobody. */
const MAX_REASON = 1_024;

/** Properties that are carried over. An expiration is not: a dead letter stays. */
const CARRIED = [
  'contentType',
  'contentEncoding',
  'messageId',
  'correlationId',
  'replyTo',
  'type',
  'timestamp',
] as const;

/** Proofs of who sent it: they may still be good, and whoever looks after dead letters is not whom they were meant for. */
const SECRETS = new Set(['authorization', 'principal']);

/** @returns the message as it came, with why, where and after how many deliveries it was given up in its headers */
export function deadLetter(
  names: Names,
  destination: string,
  { content, properties, fields }: ConsumeMessage,
  reason: string,
  attempts: number,
): Publication {
  const carried = Object.fromEntries(CARRIED.map((name) => [name, properties[name] as unknown]));
  const headers = {
    ...Object.fromEntries(
      Object.entries(properties.headers ?? {}).filter(([name]) => !SECRETS.has(name.toLowerCase())),
    ),
    'x-dead-reason': reason.slice(0, MAX_REASON),
    'x-dead-queue': destination,
    'x-dead-routing-key': fields.routingKey,
    'x-dead-attempts': attempts,
    'x-dead-at': new Date().toISOString(),
  };
  return {
    exchange: names.dead,
    routingKey: fields.routingKey,
    body: content,
    properties: { ...carried, headers },
    mandatory: true,
  };
}
