import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pause } from '../rest/send.js';
import { verifyWebhook, VerificationError } from '../webhook.js';
import type { Outcome, Worker, WorkerOptions } from '../worker/handler.js';
import { metadataOf } from '../worker/metadata.js';
import { createWorker, type Take } from '../worker/shift.js';

export interface HttpWorkerOptions extends WorkerOptions {
  readonly port: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /**
   * How a message proves that it is the platform's. `secrets`: signed by Standard Webhooks. `bearer`: with this token in its
   * Authorization header, as the service's `headers` say. `nothing`: whoever reaches the port is believed.
   */
  readonly trust: { readonly secrets: readonly string[] } | { readonly bearer: string } | 'nothing';
  /** Default 1 MiB. */
  readonly largestBody?: number;
}

export interface HttpWorker extends Worker {
  /** Where it listens: `http://127.0.0.1:4000`. @throws Error before the start */
  readonly url: string;
}

/**
 * Does the work of services of provider `webhook`; service `x` is at `/x`. A reply is answered as JSON, none with 204; a failure with
 * 503 and when to try again, one that makes no sense to repeat with 422.
 */
export function httpWorker(options: HttpWorkerOptions): HttpWorker {
  let server: Server | undefined;
  const answering = new Set<Promise<void>>();
  const worker = createWorker(
    {
      async open(services, take) {
        const listening = createServer((request, response) => {
          const answered = answer(request, response, new Set(services), take, options).then(() => sent(response));
          answering.add(answered);
          void answered.finally(() => answering.delete(answered));
        });
        await new Promise<void>((resolve, reject) => {
          listening.once('error', reject);
          listening.listen(options.port, options.host ?? '127.0.0.1', resolve);
        });
        server = listening;
      },
      async pause() {
        server?.close();
        server?.closeIdleConnections();
      },
      async close() {
        await Promise.race([Promise.allSettled(answering), pause(SENDING_MS)]);
        server?.closeAllConnections();
      },
    },
    options,
  );
  return Object.defineProperty(worker, 'url', {
    get() {
      const address = server?.address();
      if (typeof address !== 'object' || address === null) throw new Error('The worker does not listen');
      return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
    },
  }) as HttpWorker;
}

/** How long the last answers may take to leave. */
const SENDING_MS = 1_000;

const sent = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    if (response.closed || response.writableFinished) resolve();
    response.once('finish', resolve).once('close', resolve);
  });

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  services: ReadonlySet<string>,
  take: Take,
  { trust, largestBody = 1_048_576 }: HttpWorkerOptions,
): Promise<void> {
  const end = (status: number, body?: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  try {
    const service = decodeURIComponent((request.url ?? '/').split('?', 1)[0]?.slice(1) ?? '');
    if (!services.has(service)) return end(404, { detail: 'There is no such service here' });
    if (request.method !== 'POST') return end(405, { detail: 'Messages are sent by POST' }, { Allow: 'POST' });
    const text = await textOf(request, largestBody);
    if (text === undefined)
      return end(413, { detail: `The body is larger than ${largestBody} bytes` }, { Connection: 'close' });
    await believe(trust, request, text);
    const isJson = /[/+]json\b/.test(request.headers['content-type'] ?? '');
    const metadata = metadataOf(request.headers, request.headers['webhook-id'], 'handover-');
    const message: unknown = isJson ? JSON.parse(text) : text;
    reply(end, await take(message, { service, ...metadata, attempt: 1 }));
  } catch (error) {
    if (error instanceof VerificationError) return end(401, { detail: error.message });
    if (error instanceof SyntaxError || error instanceof URIError) return end(400, { detail: 'This cannot be read' });
    end(500);
  }
}

function reply(
  end: (status: number, body?: unknown, headers?: Record<string, string>) => void,
  outcome: Outcome,
): void {
  if (outcome.kind === 'done') return outcome.reply === undefined ? end(204) : end(200, outcome.reply);
  if (outcome.kind === 'refused') return end(422, { detail: 'The message was refused' });
  end(503, { detail: 'Not now' }, { 'Retry-After': String(Math.ceil(outcome.afterMs / 1_000)) });
}

async function believe(trust: HttpWorkerOptions['trust'], { headers }: IncomingMessage, text: string): Promise<void> {
  if (trust === 'nothing') return;
  if ('secrets' in trust) {
    const get = (name: string): string | undefined => [headers[name]].flat()[0];
    return verifyWebhook(trust.secrets, { get }, text);
  }
  if (!(await isSame(headers.authorization ?? '', `Bearer ${trust.bearer}`))) {
    throw new VerificationError('The token is not the right one');
  }
}

/** Compares hashes: how long it takes tells nothing of how much is right. */
async function isSame(one: string, other: string): Promise<boolean> {
  const hash = async (text: string): Promise<string> =>
    Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex');
  return (await hash(one)) === (await hash(other));
}

/** @returns undefined for a body that is too large, of which the rest is not read */
async function textOf(request: IncomingMessage, largest: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largest) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
