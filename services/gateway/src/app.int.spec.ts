import { createBus, type Bus } from '@handover/bus';
import {
  HandoverError,
  TOPOLOGY,
  exchangeToken,
  listScenarios,
  startProcess,
  stepProcess,
  storeScenario,
  type BodyOf,
} from '@handover/contracts';
import { answer, createLogger, route } from '@handover/runtime';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway } from './app.js';
import { gatewayConfig } from './config.js';

/** The gateway over a real bus, a real socket, and services that only write down what they are asked. */
const log = createLogger('test', 'silent');
const ETAG = 'ab'.repeat(32);
const NOW = '2026-01-01T00:00:00.000Z';
const buses: Bus[] = [];
let folder: string;
let url: string;
let stop: () => Promise<void>;
let exchanges = 0;
let asked: unknown[] = [];

const principal = { tenant: 'acme', kind: 'user' as const, id: 'ann', info: {}, roles: [], privileges: [] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handover-gw-'));
  const names = [...TOPOLOGY.services, 'gateway'];
  const endpoints = Object.fromEntries(names.map((name) => [name, `ipc://${folder}/${name}.sock`]));
  const connect = async (service: string): Promise<Bus> => {
    const bus = createBus({ transport: 'zeromq', service, endpoints, topology: TOPOLOGY, logger: log });
    buses.push(bus);
    await bus.start();
    return bus;
  };
  const authRoutes = [
    route(exchangeToken, async ({ token }) => {
      exchanges += 1;
      if (token === 'bad') throw new HandoverError('unauthenticated', 'The bearer token is not valid');
      return {
        signed: `signed:${token ?? 'nobody'}`,
        principal,
        expiresAt: new Date(Date.now() + 60_000).toISOString(),
      };
    }),
  ];
  const engineRoutes = [
    route(listScenarios, async () => ({ scenarios: [], total: 0 })),
    route(storeScenario, async (body) => {
      asked.push(body);
      return { id: 's1', warnings: [] };
    }),
    route(startProcess, async (body) => {
      asked.push(body);
      return { process: { id: 'p1' }, etag: ETAG, lastModified: NOW };
    }),
    route(stepProcess, async (body: BodyOf<typeof stepProcess>) => {
      asked.push(body);
      if (body.action === 'explode') throw new Error('secret detail');
      return { etag: ETAG, lastModified: NOW, ...(body.representation && { process: { id: body.process } }) };
    }),
  ];
  await answer(await connect('auth'), 'auth', authRoutes, log);
  await answer(await connect('engine'), 'engine', engineRoutes, log);
  const bus = await connect('gateway');
  // Nothing here asks the database, and a pool connects when it is asked.
  const config = gatewayConfig.parse({
    PORT: 0,
    BODY_LIMIT: 2_048,
    DATABASE_URL: 'postgres://nobody@127.0.0.1/nothing',
  });
  const gateway = await startGateway(config, { bus, log });
  url = gateway.url ?? '';
  stop = () => gateway.stop();
});

afterAll(async () => {
  await stop();
  await Promise.all(buses.map((bus) => bus.stop()));
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  asked = [];
});

const send = (method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}${path}`, {
    method,
    headers: { authorization: 'Bearer good', ...headers },
    ...(body !== undefined && { body }),
  });
const json = { 'content-type': 'application/json' };

describe('the response of a step', () => {
  it.each([
    ['nothing at all', undefined, {}, {}],
    ['any JSON value', '[1, null]', json, { response: [1, null] }],
    ['null, which is not nothing', 'null', json, { response: null }],
    ['a text', 'hello', { 'content-type': 'text/plain' }, { response: 'hello' }],
  ])('is %s', async (_, body, headers, expected) => {
    const stepped = await send('POST', '/processes/p1/go', body, headers);
    expect(stepped.status).toBe(204);
    expect(asked).toEqual([{ process: 'p1', action: 'go', representation: false, ...expected }]);
    expect(stepped.headers.get('etag')).toBe(`"${ETAG}"`);
  });

  it('comes with the actor the caller names, and the process when the caller prefers it', async () => {
    const stepped = await send('POST', '/processes/p1/go', undefined, {
      'as-actor': 'boss',
      prefer: 'return=representation',
    });
    expect(stepped.status).toBe(200);
    expect(await stepped.json()).toEqual({ id: 'p1' });
    expect(asked).toEqual([{ process: 'p1', action: 'go', representation: true, actor: 'boss' }]);
  });
});

describe('a start', () => {
  it.each([
    ['its key', 'go', { key: 'go' }],
    ['key and response', { key: 'go', response: 0 }, { key: 'go', response: 0 }],
  ])('takes the action as %s', async (_, action, expected) => {
    const started = await send('POST', '/processes', JSON.stringify({ scenario: 's1', action }), json);
    expect(started.status).toBe(201);
    expect(started.headers.get('location')).toBe('/processes/p1');
    expect(asked).toEqual([{ scenario: 's1', action: expected }]);
  });

  it('names every member that is wrong', async () => {
    const refused = await send('POST', '/processes', JSON.stringify({ actors: { 'a/b': 1 } }), json);
    expect(refused.status).toBe(400);
    const problem = (await refused.json()) as { code: string; errors: { pointer: string }[] };
    expect(problem.code).toBe('invalid_request');
    expect(problem.errors.map(({ pointer }) => pointer)).toEqual(['/scenario', '/actors/a~1b']);
  });
});

describe('a body', () => {
  it('that is not JSON is refused with line and column', async () => {
    const refused = await send('POST', '/processes', '{\n  "scenario": oops }', json);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      code: 'malformed_body',
      detail: expect.stringMatching(/line 2, column 15/),
    });
  });

  it('that is too large is refused, whether it says its length or not', async () => {
    const large = 'x'.repeat(3_000);
    const told = await send('POST', '/scenarios', large, { 'content-type': 'application/yaml' });
    const streamed = await fetch(`${url}/scenarios`, {
      method: 'POST',
      headers: { authorization: 'Bearer good', 'content-type': 'application/yaml' },
      body: new Blob([large]).stream(),
      duplex: 'half',
    });
    for (const refused of [told, streamed]) {
      expect(refused.status).toBe(413);
      expect(await refused.json()).toMatchObject({ code: 'body_too_large' });
    }
    expect(asked).toEqual([]);
  });

  it('that is larger than what a connection holds is refused in words, and the connection goes on', async () => {
    for (let turn = 0; turn < 3; turn++) {
      const refused = await send('POST', '/scenarios', 'x'.repeat(2_000_000), { 'content-type': 'application/yaml' });
      expect(refused.status).toBe(413);
      expect(refused.headers.get('connection')).toBe('keep-alive');
      expect(await refused.json()).toMatchObject({ code: 'body_too_large' });
    }
    expect(asked).toEqual([]);
  });

  it('with a key that reaches into prototypes is refused', async () => {
    const refused = await send('POST', '/processes/p1/go', '{"__proto__": {"admin": true}}', json);
    expect(refused.status).toBe(400);
    expect(asked).toEqual([]);
  });

  it('of a type nobody reads is refused by its name', async () => {
    const refused = await send('POST', '/scenarios', 'a,b', { 'content-type': 'text/csv' });
    expect(refused.status).toBe(415);
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('text/csv') });
  });
});

describe('a caller', () => {
  it('is exchanged once, however many requests come at the same time', async () => {
    const before = exchanges;
    const headers = { authorization: 'Bearer fresh' };
    await Promise.all(Array.from({ length: 20 }, () => send('GET', '/scenarios', undefined, headers)));
    expect(exchanges - before).toBe(1);
  });

  it('whose token is refused is asked for a better one, and not remembered', async () => {
    const before = exchanges;
    for (let n = 0; n < 2; n++) {
      const refused = await send('GET', '/scenarios', undefined, { authorization: 'Bearer bad' });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect(exchanges - before).toBe(2);
  });

  it('with another scheme is refused before anybody is asked', async () => {
    const before = exchanges;
    expect((await send('GET', '/scenarios', undefined, { authorization: 'Basic YTpi' })).status).toBe(401);
    expect(exchanges).toBe(before);
  });
});

describe('an answer', () => {
  it('carries the request’s id, the caller’s own where it is one', async () => {
    expect((await send('GET', '/info', undefined, { 'x-request-id': 'mine-1' })).headers.get('x-request-id')).toBe(
      'mine-1',
    );
    expect((await send('GET', '/info', undefined, { 'x-request-id': 'a b' })).headers.get('x-request-id')).toMatch(
      /^[\w-]{36}$/,
    );
  });

  it.each(['/api-docs', '/openapi.json'])('carries it where it is no JSON of an operation too: %s', async (path) => {
    const { status, headers } = await send('GET', path, undefined, { 'x-request-id': 'mine-2' });
    expect([status, headers.get('x-request-id')]).toEqual([200, 'mine-2']);
  });

  it('to a failure nobody foresaw says nothing of it', async () => {
    const failed = await send('POST', '/processes/p1/explode');
    expect(failed.status).toBe(500);
    expect(await failed.text()).not.toContain('secret');
  });

  it('to an address nobody serves is a problem too', async () => {
    const missing = await send('GET', '/nowhere');
    expect(missing.status).toBe(404);
    expect(missing.headers.get('content-type')).toContain('application/problem+json');
    expect(await missing.json()).toMatchObject({ code: 'not_found' });
  });

  it('says when a service behind is away', async () => {
    const away = await send('GET', '/webhooks');
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).toBe('1');
  });
});
