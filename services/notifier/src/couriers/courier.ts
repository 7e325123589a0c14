import type { ServiceConfig } from '@handover/contracts';
import type { NotificationFacts } from '../database.js';
import type { AttemptResult } from '../deliveries/verdict.js';

/** One message to one service. */
export interface ServiceMessage {
  readonly id: string;
  readonly tenant: string;
  readonly process: string;
  readonly facts: NotificationFacts;
  /** JSON, unless the message is a text. */
  readonly body: string;
}

/** A service as it is reached now. */
export interface Destination<C extends ServiceConfig = ServiceConfig> {
  readonly name: string;
  readonly config: C;
  /** Set by whoever runs the platform: it may point anywhere. A tenant's is held to public addresses. */
  readonly trusted: boolean;
}

/** Carries messages one way. Never rejects for what the network or the service does: that is a result. */
export interface Courier<C extends ServiceConfig> {
  send(message: ServiceMessage, to: Destination<C>, signal: AbortSignal): Promise<AttemptResult>;
  close(): Promise<void>;
}

/** What an attempt found, before it is timed. */
export type Found = Omit<AttemptResult, 'startedAt' | 'durationMs'>;

export const contentTypeOf = ({ facts }: ServiceMessage): string => (facts.isText ? 'text/plain' : 'application/json');

/** The trace all messages about one process belong to, when nothing else gave one: W3C, its id is the process's. */
export function traceparentOf({ facts, process, id }: ServiceMessage): string {
  const trace = process.replaceAll('-', '').toLowerCase();
  return facts.traceparent ?? `00-${/^[0-9a-f]{32}$/.test(trace) ? trace : '1'.padStart(32, '0')}-${id.slice(-16)}-01`;
}

/** Times an attempt; what is thrown becomes its error. */
export async function timed(work: () => Promise<Found>): Promise<AttemptResult> {
  const startedAt = new Date();
  const began = performance.now();
  const found = await work().catch((error: unknown) => ({ status: null, answer: null, error: describe(error) }));
  return { startedAt, durationMs: Math.round(performance.now() - began), ...found };
}

/** Runs `work` until it is done, time is up or `outer` aborts. */
export async function within<Result>(
  timeoutMs: number,
  outer: AbortSignal,
  work: (limit: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limit = new AbortController();
  // Not AbortSignal.any: Node 20 keeps a trace of every signal derived from one that lives as long as the process.
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

/** Rejects with the signal's reason when it aborts first. For work that does not listen to signals. */
export function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Short words for what went wrong on the way; some errors come wrapped in others. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  return error.message || error.name;
}

/** The first characters of an answer, as they are kept. Postgres text holds every character but NUL. */
export const excerpt = (text: Buffer | string): string =>
  Buffer.from(text).subarray(0, 2_048).toString('utf8').replaceAll('\0', '\uFFFD');

/** JSON where the media type says so, text otherwise. @throws Error when it says so and it is not */
export function readReply(body: string, isJson: boolean): { value: unknown } | undefined {
  if (body === '') return undefined;
  if (!isJson) return { value: body };
  try {
    return { value: JSON.parse(body) as unknown };
  } catch {
    throw new Error('the reply says it is JSON and is not');
  }
}
