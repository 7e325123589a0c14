import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Client } from './client.js';
import { live } from './live.js';
import { items } from './pages.js';
import { ConnectionError } from './send.js';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server that answers as told, request by request; the last answer is for all that follow. */
let answers: Answer[] = [];
let received: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
const server = createServer((request, response) => {
  void (async () => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    received.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    const [answer] = answers.length > 1 ? answers.splice(0, 1) : answers;
    answer?.(request, response, body);
  })();
});
let url: string;
let client: Client;

beforeEach(async () => {
  received = [];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createClient({ url, token: () => 'secret' });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const problem = (status: number, code: string, headers: Record<string, string> = {}): Answer =>
  json(
    status,
    {
      type: `urn:handover:error:${code}`,
      status,
      code,
      title: code,
      detail: `it is ${code}`,
      error: { message: code, reason: ['because'] },
    },
    headers,
  );
const cut: Answer = (request) => request.socket.destroy();

describe('a call', () => {
  it('is sent as its operation says, and answered by status, headers and body', async () => {
    answers = [json(201, { id: 'p1' }, { location: '/processes/p1', etag: '"a"' })];
    const answer = await client.processes.start({ body: { scenario: 's1' }, headers: { 'As-Actor': 'client' } });
    expect(answer).toMatchObject({
      status: 201,
      body: { id: 'p1' },
      headers: { Location: '/processes/p1', ETag: '"a"' },
    });
    expect(received).toMatchObject([
      {
        method: 'POST',
        url: '/processes',
        body: '{"scenario":"s1"}',
        headers: { authorization: 'Bearer secret', 'as-actor': 'client' },
      },
    ]);
  });

  it('fills the path in, whatever is in a parameter', async () => {
    answers = [(_, response) => response.writeHead(204).end()];
    const params = { id: '../x', action: 'a/b?c' };
    const answer = await client.processes.step({ params, body: { media: 'text/plain', value: 'yes' } });
    expect(answer).toMatchObject({ status: 204, body: undefined });
    expect(received).toMatchObject([
      { url: '/processes/..%2Fx/a%2Fb%3Fc', body: 'yes', headers: { 'content-type': 'text/plain' } },
    ]);
  });

  it('that is refused throws the problem, and is not sent again', async () => {
    answers = [problem(400, 'step_refused')];
    await expect(client.processes.step({ params: { id: 'p', action: 'a' } })).rejects.toMatchObject({
      name: 'ProblemError',
      code: 'step_refused',
      status: 400,
      retry: 'never',
      reasons: ['because'],
      message: 'it is step_refused',
    });
    expect(received).toHaveLength(1);
  });

  it('is refused also by what does not speak our language', async () => {
    answers = [(_, response) => response.writeHead(403, { 'content-type': 'text/html' }).end('<h1>no</h1>')];
    await expect(client.scenarios.list()).rejects.toMatchObject({ code: 'unknown', status: 403, retry: 'never' });
  });
});

describe('a call that fails in passing', () => {
  it.each<[string, Answer]>([
    ['no connection', cut],
    ['502', (_, response) => response.writeHead(502).end('bad gateway')],
    ['503', problem(503, 'unavailable')],
    ['504', problem(504, 'timeout')],
    ['the same command in flight', problem(409, 'idempotency_in_flight')],
  ])('is sent again with the same idempotency key: %s', async (_, failure) => {
    answers = [failure, json(201, { id: 'p1' })];
    await client.processes.start({ body: { scenario: 's1' } });
    const keys = received.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([expect.stringMatching(/^[\da-f-]{36}$/), keys[0]]);
  });

  it('waits as long as the answer asks for', async () => {
    answers = [problem(429, 'rate_limited', { 'retry-after': '1' }), json(200, [])];
    const start = performance.now();
    await client.scenarios.list();
    expect(performance.now() - start).toBeGreaterThan(990);
  });

  it('is left to the caller when that would take too long', async () => {
    answers = [problem(429, 'rate_limited', { 'retry-after': '3600' })];
    await expect(client.scenarios.list()).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 3_600 });
    expect(received).toHaveLength(1);
  });

  it('is not sent again when nobody knows whether it was carried out', async () => {
    answers = [cut];
    await expect(client.apiKeys.issue({ body: { name: 'k' } })).rejects.toThrow(ConnectionError);
    expect(received).toHaveLength(1);
  });

  it('is given up in the end', async () => {
    answers = [problem(503, 'unavailable')];
    const patient = createClient({ url, retries: 2 });
    await expect(patient.scenarios.list()).rejects.toMatchObject({ code: 'unavailable', retry: 'retry-after' });
    expect(received).toHaveLength(3);
  });

  it('has a time limit, which covers a body that does not end', async () => {
    answers = [(_, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('[')];
    await expect(createClient({ url, timeoutMs: 50, retries: 0 }).scenarios.list()).rejects.toThrow(/within 50 ms/);
  });

  it('ends when its caller does not want it any more', async () => {
    answers = [problem(503, 'unavailable', { 'retry-after': '30' })];
    const ending = new AbortController();
    const call = client.scenarios.list({ signal: ending.signal });
    setTimeout(() => ending.abort(new Error('enough')), 20);
    await expect(call).rejects.toThrow('enough');
  });
});

it('a list is read page after page, as far as it is wanted', async () => {
  const link = (from: number) => ({ link: `</processes/p/events?from=${from}&limit=2>; rel="next"` });
  answers = [json(200, [1, 2], link(2)), json(200, [3, 4], link(4)), json(200, [5])];
  const found: unknown[] = [];
  for await (const event of items(client.processes.events, { params: { id: 'p' }, query: { limit: 2 } }))
    found.push(event);
  expect(found).toEqual([1, 2, 3, 4, 5]);
  expect(received.map((one) => one.url)).toEqual([
    '/processes/p/events?limit=2',
    '/processes/p/events?limit=2&from=2',
    '/processes/p/events?limit=2&from=4',
  ]);
});

it('live events go on behind the last one when the connection breaks', async () => {
  const stream =
    (...ids: number[]): Answer =>
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`retry: 10\n${ids.map((id) => `id: ${id}\nevent: stepped\ndata: {"n":${id}}\n\n`).join('')}`);
      setTimeout(() => response.destroy(), 20);
    };
  answers = [stream(1, 2), stream(3), (_, response) => response.writeHead(204).end()];
  const found: unknown[] = [];
  for await (const event of live({ url }, '/stream')) found.push(event);
  expect(found).toEqual([1, 2, 3].map((n) => ({ id: String(n), type: 'stepped', data: { n } })));
  expect(received.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '3']);
});
