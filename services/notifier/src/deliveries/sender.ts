import { Webhook as Signer } from 'standardwebhooks';
import { Agent, request } from 'undici';
import { guardedConnector, type ConnectorOptions } from '../targets/connector.js';
import { parseRetryAfter } from './retry-after.js';
import type { AttemptResult } from './verdict.js';

/** One message to one receiver. */
export interface Outgoing {
  /** The same over all attempts. */
  readonly id: string;
  readonly url: string;
  /** `whsec_…` */
  readonly secret: string;
  readonly body: string;
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
 * Sends messages as Standard Webhooks 1.0.0 says: a POST with `webhook-id`, a fresh `webhook-timestamp` and the signature
 * over both and the body. Redirects are not followed, and one attempt takes at most `timeoutMs` from look-up to last byte.
 */
export function createSender(options: ConnectorOptions): Sender {
  const { timeoutMs } = options;
  const agent = new Agent({ connect: guardedConnector(options), headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  return {
    async send(message, signal) {
      const startedAt = new Date();
      const began = performance.now();
      const outcome = await within(timeoutMs, signal, (limit) => post(agent, message, startedAt, limit)).catch(
        (error: unknown) => ({ status: null, answer: null, error: describe(error) }),
      );
      return { startedAt, durationMs: Math.round(performance.now() - began), ...outcome };
    },
    close: () => agent.destroy(),
  };
}

/**
 * Runs `work` with a signal that aborts when time is up or `outer` does. Not AbortSignal.any: Node 20 keeps a trace of every
 * signal derived from one that lives as long as the process.
 */
async function within<Result>(
  timeoutMs: number,
  outer: AbortSignal,
  work: (limit: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limit = new AbortController();
  const stop = (): void => limit.abort(new Error('stopped'));
  const timer = setTimeout(() => limit.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  outer.addEventListener('abort', stop);
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', stop);
  }
}

async function post(
  agent: Agent,
  { id, url, secret, body }: Outgoing,
  at: Date,
  signal: AbortSignal,
): Promise<Omit<AttemptResult, 'startedAt' | 'durationMs'>> {
  const response = await request(url, {
    dispatcher: agent,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Handover-Webhooks/1',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Signer(secret).sign(id, at, body),
    },
    body,
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
  // Postgres text holds every character but NUL.
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString('utf8').replaceAll('\0', '\uFFFD');
}

/** Short words for what went wrong on the way; undici wraps some errors in others. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  return error.message || error.name;
}
