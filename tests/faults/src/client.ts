import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Platform } from './platform.js';

export interface Answer {
  /** 0 when there was none: nobody knows what became of the request. */
  readonly status: number;
  /** Error code of a refusal. */
  readonly code?: string | undefined;
  readonly etag: string | null;
  readonly body: unknown;
}

export interface Sending {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client of the REST API, with a count of what it met. */
export interface Client {
  /** Sends once. */
  send(method: 'GET' | 'POST' | 'DELETE', path: string, sending?: Sending): Promise<Answer>;
  /** Sends under one idempotency key until it is carried out. @throws when it is refused for good, or after two minutes */
  insist(path: string, body?: unknown): Promise<Answer>;
  /** @throws unless the answer is 200, in the end */
  read<T>(path: string): Promise<T>;
  /** Store a scenario; returns its id. */
  store(yaml: string): Promise<string>;
  /** Answers that were no yes, by error code; `none` where there was no answer. */
  readonly refused: Map<string, number>;
}

const PATIENCE_MS = 120_000;
const PAUSE_MS = 100;
/** No answer, or one that says that another attempt may go well. */
const isPassing = ({ status, code }: Answer): boolean =>
  status === 0 || status >= 502 || code === 'idempotency_in_flight' || code === 'version_conflict';

/** @param platform its address is read at every call: it may move */
export function createClient(platform: Pick<Platform, 'url' | 'token'>): Client {
  const refused = new Map<string, number>();

  const send: Client['send'] = async (method, path, { body, headers } = {}) => {
    const isText = typeof body === 'string';
    const answer = await attempt(`${platform.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${platform.token}`,
        'content-type': isText ? 'application/yaml' : 'application/json',
        ...headers,
      },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    });
    if (answer.status < 200 || answer.status >= 300) {
      const name = answer.status === 0 ? 'none' : (answer.code ?? String(answer.status));
      refused.set(name, (refused.get(name) ?? 0) + 1);
    }
    return answer;
  };

  const persist = async (once: () => Promise<Answer>, what: string): Promise<Answer> => {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await once();
      if (answer.status >= 200 && answer.status < 300) return answer;
      if (!isPassing(answer) || performance.now() > deadline)
        throw new Error(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
      await delay(PAUSE_MS);
    }
  };

  const insist: Client['insist'] = (path, body) => {
    const headers = { 'idempotency-key': randomUUID() };
    return persist(() => send('POST', path, { headers, ...(body !== undefined && { body }) }), `POST ${path}`);
  };
  return {
    refused,
    send,
    insist,
    read: async <T>(path: string) => (await persist(() => send('GET', path), `GET ${path}`)).body as T,
    store: async (yaml) => ((await insist('/scenarios', yaml)).body as { id: string }).id,
  };
}

async function attempt(url: string, init: RequestInit): Promise<Answer> {
  try {
    const answer = await fetch(url, init);
    const text = await answer.text();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    return { status: answer.status, code: codeOf(body), etag: answer.headers.get('etag'), body };
  } catch (error) {
    return { status: 0, etag: null, body: String(error) };
  }
}

const codeOf = (body: unknown): string | undefined => (body as { code?: string } | undefined)?.code;

/** Does something for each of many, some at a time, in their order. */
export async function eachOf<T>(
  items: readonly T[],
  atATime: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}
