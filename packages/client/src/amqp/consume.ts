import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { pause } from '../rest/send.js';
import type { Outcome } from '../worker/handler.js';

/** How often a message is delivered before the broker takes it out: to the dead letters, if the queue has a place for them. */
const DELIVERY_LIMIT = 20;

export interface QueueOptions {
  readonly queue: string;
  /** Where messages go that are refused or were delivered too often; absent: nowhere, they are dropped. */
  readonly deadLetterExchange?: string;
}

/** A queue that survives the broker and is copied to its replicas, with a limit to how often a message comes back. */
export async function assertQueue(channel: ConfirmChannel, options: QueueOptions): Promise<void> {
  const { queue, deadLetterExchange } = options;
  if (deadLetterExchange !== undefined) await channel.assertExchange(deadLetterExchange, 'fanout', { durable: true });
  await channel.assertQueue(queue, {
    durable: true,
    ...(deadLetterExchange !== undefined && { deadLetterExchange }),
    arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': DELIVERY_LIMIT },
  });
}

export const attemptOf = ({ properties }: ConsumeMessage): number =>
  1 + Number((properties.headers as Record<string, unknown> | undefined)?.['x-delivery-count'] ?? 0);

/**
 * Settles a message: acknowledged, given back after its delay, or refused for good. On a channel that is gone meanwhile nothing is
 * settled: the broker delivers again.
 */
export async function settle(channel: ConfirmChannel, message: ConsumeMessage, outcome: Outcome, signal: AbortSignal) {
  // While it waits it keeps its place in the prefetch: a service in trouble is not asked for more.
  if (outcome.kind === 'retry') await pause(outcome.afterMs, signal).catch(() => undefined);
  try {
    if (outcome.kind === 'done') channel.ack(message);
    else channel.nack(message, false, outcome.kind === 'retry');
  } catch {
    // The channel is closed.
  }
}

/** The body by its content type: JSON, else text. @throws SyntaxError */
export function contentOf({ content, properties }: ConsumeMessage): unknown {
  const text = content.toString('utf8');
  return /[/+]json\b/.test(String(properties.contentType ?? '')) ? JSON.parse(text) : text;
}
