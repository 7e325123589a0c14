import type { ServiceConfig } from '@handover/contracts';
import { guardedConnector, type AddressPolicy } from '@handover/runtime/egress';
import { Agent, request } from 'undici';
import { parseRetryAfter } from '../deliveries/retry-after.js';
import { standardSignature } from '../signing/sign-message.js';
import {
  contentTypeOf,
  excerpt,
  readReply,
  timed,
  traceparentOf,
  within,
  type Courier,
  type Destination,
  type Found,
  type ServiceMessage,
} from './courier.js';

type Webhook = Extract<ServiceConfig, { provider: 'webhook' }>;

/** Longest answer of a service. */
const MOST_BYTES = 1_048_576;
/** Client errors that may be gone the next time (RFC 9110, RFC 8470, RFC 6585). */
const PASSING = new Set([408, 409, 421, 423, 425, 429]);

/**
 * Services that are told by HTTP and answer in the response (engine-service §8.6, E34): 202, 204 and an empty body are no
 * answer, JSON is read by its content type. Redirects are not followed.
 */
export function createWebhookCourier(policy: AddressPolicy): Courier<Webhook> {
  const limits = { headersTimeout: 0, bodyTimeout: 0 };
  const guarded = new Agent({ connect: guardedConnector({ policy, timeoutMs: 10_000 }), ...limits });
  const open = new Agent({ connect: { timeout: 10_000 }, ...limits });
  return {
    send: (message, to, signal) =>
      timed(() => within(to.config.timeout, signal, (limit) => post(to.trusted ? open : guarded, message, to, limit))),
    async close() {
      await Promise.all([guarded.destroy(), open.destroy()]);
    },
  };
}

async function post(
  agent: Agent,
  message: ServiceMessage,
  to: Destination<Webhook>,
  signal: AbortSignal,
): Promise<Found> {
  const { url, method } = to.config;
  const response = await request(url, {
    dispatcher: agent,
    method,
    headers: headersOf(message, to.config),
    body: message.body,
    signal,
  });
  const { statusCode: status } = response;
  const body = await whole(response.body);
  const answer = excerpt(body ?? '');
  if (status >= 300 || status < 200) {
    const retryAfter = response.headers['retry-after'];
    return {
      status,
      answer,
      error: `answered ${status}${status < 400 ? '; redirects are not followed' : ''}`,
      permanent: status < 500 && !PASSING.has(status),
      retryAfterMs: parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : undefined, new Date()),
    };
  }
  if (body === undefined) {
    return { status, answer, error: `answered more than ${MOST_BYTES} bytes`, permanent: true };
  }
  if (status === 202 || status === 204) return { status, answer, error: null };
  const isJson = String(response.headers['content-type'] ?? '').startsWith('application/json');
  const reply = readReply(body.toString('utf8'), isJson);
  return { status, answer, error: null, ...(reply && { reply }) };
}

function headersOf(message: ServiceMessage, { headers, secret }: Webhook): Record<string, string> {
  const { id, tenant, process, facts, body } = message;
  const at = new Date();
  return {
    'content-type': contentTypeOf(message),
    'user-agent': 'Handover-Notifier/1',
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    ...(secret !== undefined && { 'webhook-signature': standardSignature([secret], id, at, body) }),
    'handover-tenant': encodeURIComponent(tenant),
    'handover-process': process,
    'handover-etag': facts.etag,
    traceparent: traceparentOf(message),
  };
}

/** @returns undefined when there is more than anybody wants; leaving the loop closes the connection */
async function whole(body: AsyncIterable<Buffer>): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
  }
  return Buffer.concat(chunks);
}
