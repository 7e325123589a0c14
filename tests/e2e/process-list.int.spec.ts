import { startProcess, storeScenario } from '@handover/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asCaller } from './src/authorisation/callers.js';
import { startInProcess, type InProcess } from './src/in-process.js';

const SCENARIO = {
  title: 'Deed',
  tags: ['legal', 'sale'],
  actors: { buyer: {} },
  actions: { sign: { actor: 'buyer' } },
  states: { initial: { on: 'sign', goto: '(signed)' } },
};

let platform: InProcess;
let admin: string;
let ann: string;
const ids: string[] = [];

beforeAll(async () => {
  platform = await startInProcess();
  admin = await platform.jwt({ id: 'arnold', roles: ['admin'], tenant: 'acme' });
  ann = await platform.jwt({ id: 'ann', roles: [], tenant: 'acme' });
  const source = JSON.stringify(SCENARIO);
  const { id: scenario } = await asCaller(platform, admin, storeScenario, { source, format: 'json' });
  for (const id of ['ann', 'bob', 'ann', 'ann']) {
    const started = await asCaller(platform, admin, startProcess, { scenario, actors: { buyer: { id } } });
    ids.push(String(started.process.id));
  }
});
afterAll(() => platform.stop());

const list = (query: string, token = ann): Promise<Response> => platform.call('GET', `/processes${query}`, { token });

/** The links of an answer by their relation. */
const links = (answer: Response): Record<string, string> =>
  Object.fromEntries(
    [...(answer.headers.get('link') ?? '').matchAll(/<([^>]*)>; rel="(\w+)"/g)].map(([, to = '', as = '']) => [as, to]),
  );

const idsIn = async (answer: Response): Promise<string[]> =>
  ((await answer.json()) as { id: string }[]).map(({ id }) => id);

describe('GET /processes', () => {
  it('shows the caller’s own, by title and then by age, without a total nobody asked for', async () => {
    const answer = await list('');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-total-count')).toBeNull();
    expect(await idsIn(answer)).toEqual([ids[0], ids[2], ids[3]]);
    expect(links(answer)).toEqual({ first: '/processes' });
  });

  it('leads from page to page and back by its links, which keep the filters', async () => {
    const first = await list('?tag=legal&tag=sale&running=true&sort=-created&limit=2&total=true');
    expect(first.headers.get('x-total-count')).toBe('3');
    expect(await idsIn(first)).toEqual([ids[3], ids[2]]);
    const second = await platform.call('GET', links(first).next ?? '', { token: ann });
    expect(await idsIn(second)).toEqual([ids[0]]);
    expect(links(second)).toEqual({ first: expect.stringContaining('tag=legal&tag=sale'), prev: expect.any(String) });
    const back = await platform.call('GET', links(second).prev ?? '', { token: ann });
    expect(await idsIn(back)).toEqual([ids[3], ids[2]]);
    expect(await idsIn(await list('?sort=-created&limit=2&page=2'))).toEqual([ids[0]]);
  });

  it('shows all to those who may see all, and says to others that they may not', async () => {
    expect(await idsIn(await list('?all=true', admin))).toHaveLength(4);
    const refused = await list('?all=true');
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { message: 'Not allowed to list all processes' } });
  });

  it('follows what happens', async () => {
    await platform.call('POST', `/processes/${ids[0]}/sign`, { token: ann });
    expect(await idsIn(await list('?running=false'))).toEqual([ids[0]]);
    expect(await idsIn(await list('?state=(signed)'))).toEqual([ids[0]]);
    expect((await idsIn(await list('?sort=-updated'))).at(0)).toBe(ids[0]);
  });

  it.each([
    ['page=0', '/page'],
    ['page=1001', '/page'],
    ['page=1&cursor=abc', '/cursor'],
    ['cursor=abc', '/cursor'],
    ['limit=101', '/limit'],
    ['sort=vars', '/sort/0'],
    ['running=maybe', '/running'],
    ['createdFrom=yesterday', '/createdFrom'],
    ['tag=', '/tag/0'],
  ])('names what is wrong with ?%s', async (query, pointer) => {
    const refused = await list(`?${query}`);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: 'invalid_request', errors: [{ pointer }] });
  });
});
