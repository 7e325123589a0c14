import { HandoverError, defineOperation, defineSurface, flag, integer, json, platform } from '@handover/contracts';
import { createLogger } from '@handover/runtime';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { GatewayEnv, OperationPorts } from './context.js';
import { mount } from './mount.js';
import { implement } from './operation.js';
import { problemResponse } from './problem.js';

const plain = { surface: platform, privilege: null, summary: '', errors: [], examples: [] } as const;
const said = { 200: { description: '', schema: z.unknown() } } as const;

const terse = defineSurface({
  name: 'Terse',
  description: '',
  failure: {
    media: 'application/json',
    schema: z.object({ code: z.string() }),
    render: ({ code }) => ({ code }),
    status: ({ status }) => (status === 400 ? 422 : status),
  },
});

const shelf = z.object({ name: z.string(), size: z.object({ 'a/b': z.number() }).optional() });
const operations = [
  implement(
    defineOperation({ ...plain, id: 'a', method: 'get', path: '/shelves/{id}', answers: said }),
    async ({ params }) => ({ status: 200, body: { by: 'id', ...params } }),
  ),
  implement(
    defineOperation({ ...plain, id: 'b', method: 'get', path: '/shelves/latest', answers: said }),
    async () => ({ status: 200, body: { by: 'name' } }),
  ),
  implement(
    defineOperation({
      ...plain,
      id: 'c',
      method: 'put',
      path: '/shelves/{id}',
      query: z.object({ deep: flag().default(false), page: integer({ min: 1, max: 9 }).default(1) }),
      headers: z.object({ 'If-Match': z.string().max(5).optional() }),
      body: json(shelf),
      answers: said,
    }),
    async ({ query, body, headers }) => ({ status: 200, body: { query, body, headers } }),
  ),
  implement(
    defineOperation({ ...plain, surface: terse, id: 'd', method: 'post', path: '/terse/{id}', answers: said }),
    async ({ params }) => {
      throw new HandoverError(params.id === 'gone' ? 'not_found' : 'invalid_request', 'no');
    },
  ),
  implement(
    defineOperation({
      ...plain,
      id: 'e',
      method: 'post',
      path: '/notes',
      body: { optional: true, content: { 'application/json': z.unknown(), 'text/plain': z.string() } },
      answers: said,
    }),
    async ({ body }) => ({ status: 200, body: body ?? 'nothing' }),
  ),
];

function served(): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  const ports: OperationPorts = {
    caller: () => Promise.reject(new Error('nobody is asked')),
    callerAnew: () => Promise.reject(new Error('nobody is asked')),
    ask: () => Promise.reject(new Error('nobody is asked')),
  };
  app.onError((error, context) => problemResponse(error, context, createLogger('test', 'silent')));
  mount(app, operations, ports, { bodyLimit: 1_000 });
  return app;
}

const app = served();
const put = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  app.request(path, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });

describe('an address', () => {
  it('that is written out wins over one with parameters, though it was described later', async () => {
    expect(await (await app.request('/shelves/latest')).json()).toEqual({ by: 'name' });
    expect(await (await app.request('/shelves/7')).json()).toEqual({ by: 'id', id: '7' });
  });

  it('says which methods it has, and refuses the others', async () => {
    const asked = await app.request('/shelves/7', { method: 'OPTIONS' });
    const refused = await app.request('/shelves/7', { method: 'DELETE' });
    expect([asked.status, refused.status]).toEqual([204, 405]);
    for (const answer of [asked, refused]) expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS, PUT');
    expect(await refused.json()).toMatchObject({ code: 'method_not_allowed' });
  });

  it('answers HEAD as GET without a body', async () => {
    const answer = await app.request('/shelves/7', { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
  });

  it('that nobody serves is a problem', async () => {
    expect((await app.request('/shelves/7/')).status).toBe(404);
  });
});

describe('a request', () => {
  it('comes to its handler converted, with the defaults', async () => {
    const answer = await put('/shelves/7?deep=TRUE', { name: 'n', extra: 1 }, { 'if-match': 'x' });
    expect(await answer.json()).toEqual({
      query: { deep: true, page: 1 },
      body: { name: 'n' },
      headers: { 'If-Match': 'x' },
    });
  });

  it('that is wrong hears of every member, in whichever part', async () => {
    const answer = await put('/shelves/7?deep=maybe&page=10', { size: { 'a/b': '' } }, { 'if-match': 'too long' });
    expect(answer.status).toBe(400);
    const { errors } = (await answer.json()) as { errors: { in: string; pointer: string }[] };
    expect(errors.map(({ in: part, pointer }) => `${part} ${pointer}`)).toEqual([
      'query /deep',
      'query /page',
      'header /If-Match',
      'body /name',
      'body /size/a~1b',
    ]);
  });

  it('that gives a parameter twice is told so', async () => {
    const answer = await put('/shelves/7?page=1&page=2', { name: 'n' });
    expect(await answer.json()).toMatchObject({ errors: [{ in: 'query', pointer: '/page' }] });
  });

  it.each([
    ['nothing', undefined, undefined, 'nothing'],
    ['JSON', '[1]', 'application/vnd.a+json', { media: 'application/json', value: [1] }],
    ['text', 'hello', 'text/plain; charset=utf-8', { media: 'text/plain', value: 'hello' }],
  ])('may hold %s where the operation says so', async (_, body, type, expected) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    const answer = await app.request('/notes', { method: 'POST', headers, ...(body !== undefined && { body }) });
    expect(await answer.json()).toEqual(expected);
  });
});

describe('a failure', () => {
  it('is told in the dialect of its surface', async () => {
    const refused = await app.request('/terse/1', { method: 'POST' });
    expect([refused.status, await refused.json()]).toEqual([422, { code: 'invalid_request' }]);
    const gone = await app.request('/terse/gone', { method: 'POST' });
    expect([gone.status, await gone.json()]).toEqual([404, { code: 'not_found' }]);
    const method = await app.request('/terse/1', { method: 'PUT' });
    expect([method.status, await method.json()]).toEqual([405, { code: 'method_not_allowed' }]);
  });
});
