import { guardedConnector, type ConnectorOptions } from '@handover/runtime/egress';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, type Dispatcher } from 'undici';
import { excerpt, timed, type Found } from '../couriers/courier.js';
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
  // Each message is timed as a whole.
  const agent = new Agent({ connect: guardedConnector(options), headersTimeout: 0, bodyTimeout: 0 });
  const exchanges = exchangesBySignal();
  return {
    async send(message, signal) {
      return timed(() => post(agent, message, { timeoutMs, signal, underWay: exchanges(signal) }));
    },
    close: () => agent.destroy(),
  };
}

/** What a signal ends, by the signal. One listener for all of it: one for each would cost more than its timer. */
function exchangesBySignal(): (signal: AbortSignal) => Set<Exchange> {
  const known = new WeakMap<AbortSignal, Set<Exchange>>();
  return (signal) => {
    const begun = known.get(signal);
    if (begun) return begun;
    const exchanges = new Set<Exchange>();
    known.set(signal, exchanges);
    signal.addEventListener('abort', () => exchanges.forEach((each) => each.stop(new Error('stopped'))));
    return exchanges;
  };
}

/** How an exchange ends early. */
interface Ends {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** What the signal ends. */
  readonly underWay: Set<Exchange>;
}

async function post(agent: Agent, message: Outgoing, { timeoutMs, signal, underWay }: Ends): Promise<Found> {
  const signatures = await message.sign(new Date());
  if (signal.aborted) throw new Error('stopped');
  const { origin, pathname, search } = new URL(message.url);
  const headers = {
    ...message.headers,
    'content-type': 'application/json',
    'user-agent': 'Handover-Webhooks/1',
    ...signatures,
    ...(message.traceparent !== undefined && { traceparent: message.traceparent }),
  };
  return new Promise((resolve, reject) => {
    const exchange = new Exchange(timeoutMs, underWay, resolve, reject);
    agent.dispatch({ origin, path: pathname + search, method: 'POST', headers, body: message.body }, exchange);
  });
}

function complaint(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  return status >= 300 && status < 400 ? `answered ${status}; redirects are not followed` : `answered ${status}`;
}

/**
 * One message and its answer, as far as it is of interest. A handler of undici's own kind: `request` would make a stream of each
 * answer, which costs more than everything else about most of them.
 */
class Exchange implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined;
  #stopped: Error | undefined;
  #status: number | undefined;
  #retryAfter: string | undefined;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(
    timeoutMs: number,
    readonly underWay: Set<Exchange>,
    readonly resolve: (found: Found) => void,
    readonly reject: (reason: unknown) => void,
  ) {
    this.#timer = setTimeout(() => this.stop(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    underWay.add(this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#stopped) controller.abort(this.#stopped);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#status = status;
    const { 'retry-after': retryAfter } = headers;
    if (typeof retryAfter === 'string') this.#retryAfter = retryAfter;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= ANSWER_BYTES) controller.abort(new Error('the answer is longer than is kept'));
  }

  onResponseEnd(): void {
    this.#end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(error);
  }

  /** Nobody waits any longer, not even for what is not begun yet. */
  stop(reason: Error): void {
    this.#stopped = reason;
    this.#controller?.abort(reason);
    this.#end(reason);
  }

  /** A body that breaks off is kept as far as it came: the status has said enough. */
  #end(error?: Error): void {
    clearTimeout(this.#timer);
    this.underWay.delete(this);
    const status = this.#status;
    if (status === undefined) {
      this.reject(error);
      return;
    }
    this.resolve({
      status,
      error: complaint(status),
      answer: this.#size === 0 ? '' : excerpt(Buffer.concat(this.#chunks)),
      retryAfterMs: parseRetryAfter(this.#retryAfter, new Date()),
    });
  }
}
