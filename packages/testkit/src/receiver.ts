import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Recording } from './recording.js';

export interface ReceivedRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  /** Names in lower case; a header sent twice is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body's bytes as UTF-8, untouched: what a signature was made over. */
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** `hang` never answers, `reset` breaks the connection. */
export type Answer =
  | number
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'hang'
  | 'reset';

export interface Receiver {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** The n-th request, counted from 1; waits until it has arrived. */
  readonly request: (n: number, withinMs?: number) => Promise<ReceivedRequest>;
  /** The first request, past or future, that fits. */
  readonly requestThat: (fits: (request: ReceivedRequest) => boolean, withinMs?: number) => Promise<ReceivedRequest>;
  /** From now on: one answer per request; the last one repeats. */
  readonly answer: (...script: readonly Answer[]) => void;
  /** Breaks open connections and frees the port. Idempotent. */
  readonly close: () => Promise<void>;
}

/** A real HTTP server on loopback that records what it gets and answers by a script; 200 unless told otherwise. */
export async function startReceiver({ script = [], port = 0 }: ReceiverOptions = {}): Promise<Receiver> {
  const received = new Recording<ReceivedRequest>('requests');
  let answers: readonly Answer[] = script;
  const server = createServer((incoming, response) => {
    read(incoming).then(
      (request) => {
        const [answer = 200, ...later] = answers;
        if (later.length > 0) answers = later;
        received.record(request);
        give(answer, response);
      },
      () => response.destroy(),
    );
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  let closed: Promise<unknown> | undefined;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: received.items,
    request: (n, withinMs) => received.nth(n, withinMs),
    requestThat: (fits, withinMs) => received.first(fits, withinMs),
    answer: (...next) => {
      answers = next;
    },
    close: async () => {
      closed ??= once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export interface ReceiverOptions {
  readonly script?: readonly Answer[];
  /** Default: any free one. */
  readonly port?: number;
}

async function read(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = Object.entries(incoming.headersDistinct).map(([name, values = []]) => [name, values.join(', ')]);
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks).toString('utf8'),
    receivedAt: Date.now(),
  };
}

function give(answer: Answer, response: ServerResponse): void {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    response.destroy();
    return;
  }
  const { status, headers = {}, body = '' } = typeof answer === 'number' ? { status: answer } : answer;
  response.writeHead(status, headers).end(body);
}
