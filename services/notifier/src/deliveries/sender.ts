import { guardedConnector, type ConnectorOptions } from '@handover/runtime/egress';
import { Agent, request } from 'undici';
import { excerpt, timed, within, type Found } from '../couriers/courier.js';
import { parseRetryAfter } from './retry-after.js';
import type { AttemptResult } from './verdict.js';

/** One message to one receiver. */
export interface Outgoing {
  readonly url: string;
  readonly body: string;
  /** Of the receiver's own wish. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What names and signs it (`signing/sign-message.ts`). @param at when the attempt is made */
  readonly sign: (at: Date) => Promise<Readonly<Record<string, string>>>;
  /** W3C trace context the receiver may go on with. */
  readonly traceparent?: string | undefined;
}

export interface Sender {
  /** Makes one attempt. Never rejects for what the network or the receiver does: that is a result. Aborting ends it. */
  send(message: Outgoing, signal: AbortSignal): Promise<AttemptResult>;
  /** Drops every connection. */
  close(): Promise<void>;
}

/** How much of an answer is kept; what comes after it is not read. */
const ANSWER_BYTES = 2_048;

/**
 * Sends messages as Standard Webhooks 1.0.0 says: a POST with `webhook-id`, a fresh `webhook-timestamp` and the signatures.
 * Redirects are not followed, and one attempt takes at most `timeoutMs` from look-up to last byte.
 */
export function createSender(options: ConnectorOptions): Sender {
  const { timeoutMs } = options;
  const agent = new Agent({ connect: guardedConnector(options), headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  return {
    async send(message, signal) {
      return timed(() => within(timeoutMs, signal, (limit) => post(agent, message, limit)));
    },
    close: () => agent.destroy(),
  };
}

async function post(agent: Agent, message: Outgoing, signal: AbortSignal): Promise<Found> {
  const signatures = await message.sign(new Date());
  const response = await request(message.url, {
    dispatcher: agent,
    method: 'POST',
    headers: {
      ...message.headers,
      'content-type': 'application/json',
      'user-agent': 'Handover-Webhooks/1',
      ...signatures,
      ...(message.traceparent !== undefined && { traceparent: message.traceparent }),
    },
    body: message.body,
    signal,
  });
  const { statusCode: status } = response;
  const retryAfter = response.headers['retry-after'];
  return {
    status,
    error: complaint(status),
    answer: await beginning(response.body),
    retryAfterMs: parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : undefined, new Date()),
  };
}

function complaint(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  return status >= 300 && status < 400 ? `answered ${status}; redirects are not followed` : `answered ${status}`;
}

/** The first bytes of a body as text. A body that breaks off is kept as far as it came: the status has said enough. */
async function beginning(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= ANSWER_BYTES) break; // leaving the loop closes the connection
    }
  } catch {
    // see above
  }
  return excerpt(Buffer.concat(chunks));
}
