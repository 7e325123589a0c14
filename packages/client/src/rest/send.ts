import { ProblemError, problemOf } from './problem.js';

export interface SendOptions {
  /** Address of the gateway, such as `https://handover.example.com`. */
  readonly url: string;
  /** Bearer token, or what gives one; asked for before every attempt. Absent: as nobody. */
  readonly token?: string | (() => string | Promise<string>);
  /** For one attempt; default 30,000. */
  readonly timeoutMs?: number;
  /** How often a request that may be sent again is sent again; default 3. */
  readonly retries?: number;
  /** Default the platform's own. */
  readonly fetch?: typeof fetch;
}

export interface Sendable {
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** No limit to how long the answer's body may take: it is a stream. */
  readonly isStream?: boolean;
}

/** A request that got no answer: no connection, or none in time. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly retry = 'retry';
}

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5_000;
/** Who asks for more patience than this gets none: the caller decides. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Sends a request and, where that is safe, again: what only reads, or carries an idempotency key, when it got no answer or one
 * that says later (429, 502, 503, 504, the same command in flight). Waits as long as the answer asks for, else a random time
 * that grows.
 *
 * @returns an answer that is not a failure
 * @throws ProblemError the last answer; ConnectionError; what the signal was aborted with
 */
export async function send(options: SendOptions, request: Sendable): Promise<Response> {
  const { retries = 3 } = options;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await sendOnce(options, request);
      if (response.ok || response.status === 304) return response;
      throw await problemOf(response);
    } catch (error) {
      request.signal?.throwIfAborted();
      const delay = delayBefore(error, attempt);
      if (attempt >= retries || !isRepeatable(request) || delay === undefined) throw error;
      await pause(delay, request.signal);
    }
  }
}

async function sendOnce(options: SendOptions, request: Sendable): Promise<Response> {
  const { url, token, timeoutMs = 30_000 } = options;
  const { method, path, headers, body, signal, isStream = false } = request;
  const bearer = typeof token === 'function' ? await token() : token;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new ConnectionError(`No answer within ${timeoutMs} ms`)), timeoutMs);
  const signals = [deadline.signal, ...(signal ? [signal] : [])];
  try {
    const answer = await (options.fetch ?? fetch)(`${url.replace(/\/+$/, '')}${path}`, {
      method,
      headers: { ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }), ...headers },
      ...(body !== undefined && { body }),
      redirect: 'error',
      signal: AbortSignal.any(signals),
    });
    // The time limit covers the body too, unless that has no end: it is read here.
    if (isStream && answer.ok) return answer;
    const content = await answer.arrayBuffer();
    const { status, statusText } = answer;
    return new Response(content.byteLength === 0 ? null : content, { status, statusText, headers: answer.headers });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ConnectionError) throw error;
    throw new ConnectionError(`${method} ${path} got no answer`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

const isRepeatable = ({ method, headers }: Sendable): boolean =>
  method === 'GET' || Object.keys(headers).some((name) => name.toLowerCase() === 'idempotency-key');

const LATER = new Set([429, 502, 503, 504]);

/** @returns milliseconds; undefined when trying again would not help or take too long */
function delayBefore(error: unknown, attempt: number): number | undefined {
  const random = Math.random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  if (error instanceof ConnectionError) return random;
  if (!(error instanceof ProblemError)) return undefined;
  if (!LATER.has(error.status) && error.code !== 'idempotency_in_flight') return undefined;
  const asked = (error.retryAfter ?? 0) * 1_000;
  return asked > LONGEST_WAIT_MS ? undefined : asked + random;
}

/** @throws what the signal was aborted with */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
  });
}
