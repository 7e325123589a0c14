import { startReceiver, type Receiver } from '@handover/testkit';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInProcess, type InProcess, type InProcessCall } from './src/in-process.js';

let folder: string;
let platform: InProcess;
/** A host that schemas are fetched from, and one that they are not. */
let elsewhere: Receiver;
let nowhere: Receiver;
const tokens = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'schemas-'));
  await writeFile(join(folder, 'amount.yaml'), '$id: schema:amount\ntype: number\nminimum: 0\n');
  await writeFile(join(folder, 'money.json'), '{"$id":"https://example.com/money","$ref":"schema:amount"}');
  await writeFile(join(folder, 'nameless.json'), '{"type":"string"}');
  await writeFile(join(folder, 'broken.yml'), 'type: [');
  await writeFile(
    join(folder, 'draft4.json'),
    '{"$id":"schema:old","$schema":"http://json-schema.org/draft-04/schema#"}',
  );
  await writeFile(join(folder, 'twice.yaml'), '$id: schema:amount\ntype: string\n');
  await writeFile(join(folder, 'read.me'), 'no schema');
  elsewhere = await startReceiver({ script: [404] });
  nowhere = await startReceiver();
  const { host } = new URL(elsewhere.url);
  platform = await startInProcess({ engine: { SCHEMA_PATH: folder, SCHEMA_FETCH_HOSTS: `example.com:8443, ${host}` } });
  for (const tenant of ['acme', 'other', 'third']) {
    tokens.set(tenant, await platform.jwt({ id: 'admin', roles: ['admin'], tenant }));
  }
}, 60_000);
afterAll(async () => {
  await platform.stop();
  await elsewhere.close();
  await nowhere.close();
  await rm(folder, { recursive: true });
});

const call = (method: string, path: string, options: InProcessCall = {}, tenant = 'acme') =>
  platform.call(method, path, { token: tokens.get(tenant), ...options });
const put = (id: string, json: unknown, tenant?: string) => call('PUT', `/schemas/${id}`, { json }, tenant);

/** A scenario whose one action wants a response of this schema. */
const asking = (response: unknown, extra: object = {}) => ({
  actors: { user: {} },
  actions: { tell: { actor: 'user', response, update: 'vars.told', ...extra } },
  vars: { told: {} },
  states: { initial: { on: 'tell', goto: '(done)' } },
});
const store = (json: unknown, tenant?: string) => call('POST', '/scenarios', { json }, tenant);
async function stored(json: unknown, tenant?: string): Promise<string> {
  const answer = await store(json, tenant);
  expect(answer.status, await answer.clone().text()).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}
/** Starts a process with the action, @returns the status. */
async function tell(scenario: string, response: unknown, tenant?: string): Promise<number> {
  const json = { scenario, actors: { user: { id: 'admin' } }, action: { key: 'tell', response } };
  return (await call('POST', '/processes', { json }, tenant)).status;
}

describe('the schemas of the platform', () => {
  it('are those of the language and of the folder, without files that are none, for anybody to know', async () => {
    const { schemas } = (await (await platform.call('GET', '/info')).json()) as { schemas: string[] };
    expect(schemas).toEqual([
      'https://example.com/money',
      ...['action', 'actor', 'fn', 'scenario', 'schema', 'state'].map(
        (one) => `https://schemas.letsflow.io/v1.0/${one}`,
      ),
      'schema:amount',
    ]);
  });

  it('count where a scenario refers to them, and to what they refer to', async () => {
    const scenario = await stored(asking({ $ref: 'https://example.com/money' }));
    expect(await tell(scenario, 5)).toBe(201);
    expect(await tell(scenario, -5)).toBe(400);
    expect(await tell(scenario, 'five')).toBe(400);
  });

  it('of the language refer to each other', async () => {
    const scenario = await stored(asking({ $ref: 'https://schemas.letsflow.io/v1.0/action' }));
    expect(await tell(scenario, { title: 'Go', response: 'string' })).toBe(201);
    expect(await tell(scenario, { title: 7 })).toBe(400);
  });

  it.each(['PUT', 'DELETE'])('are not for a tenant to change: %s', async (method) => {
    const answer = await call(method, '/schemas/amount', method === 'PUT' ? { json: {} } : {});
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: 'schema_conflict' });
  });
});

describe('the schemas of a tenant', () => {
  it('are kept, shown written out, listed, changed and forgotten', async () => {
    const created = await put('person', { title: 'Person', properties: { name: 'string' } });
    expect([created.status, await created.json()]).toMatchObject([
      201,
      { id: 'schema:person', title: 'Person', source: 'tenant', version: 1 },
    ]);
    const same = await put('schema:person', { title: 'Person', properties: { name: 'string' } });
    expect([same.status, await same.json()]).toMatchObject([200, { version: 1 }]);
    const other = await put('person', { title: 'Person', properties: { name: 'string', age: 'integer' } });
    expect([other.status, await other.json()]).toMatchObject([200, { version: 2 }]);

    expect(await (await call('GET', '/schemas/person')).json()).toMatchObject({
      $id: 'schema:person',
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer' } },
      additionalProperties: false,
    });
    const list = async () => (await (await call('GET', '/schemas')).json()) as { id: string; source: string }[];
    expect(await list()).toContainEqual(expect.objectContaining({ id: 'schema:person', version: 2 }));
    expect(await list()).toContainEqual({ id: 'schema:amount', source: 'platform' });

    expect((await call('DELETE', '/schemas/person')).status).toBe(204);
    expect((await call('DELETE', '/schemas/person')).status).toBe(404);
    expect((await call('GET', '/schemas/person')).status).toBe(404);
    expect((await list()).map(({ id }) => id)).not.toContain('schema:person');
  });

  it('have ids that are URLs too, and come as YAML', async () => {
    const id = encodeURIComponent('https://example.com/colour');
    const yaml = { body: 'enum: [red, green]', headers: { 'content-type': 'application/yaml' } };
    expect((await call('PUT', `/schemas/${id}`, yaml)).status).toBe(201);
    expect(await (await call('GET', `/schemas/${id}`)).json()).toMatchObject({
      enum: ['red', 'green'],
      type: 'string',
    });
    const scenario = await stored(asking('https://example.com/colour'));
    expect([await tell(scenario, 'red'), await tell(scenario, 'blue')]).toEqual([201, 400]);
  });

  it('change nothing for a scenario that was stored with them', async () => {
    await put('size', { $ref: 'schema:inner' });
    await put('inner', { type: 'integer' });
    const scenario = await stored(asking({ $ref: 'schema:size' }));
    await put('inner', { type: 'string' });
    await call('DELETE', '/schemas/size');

    expect([await tell(scenario, 1), await tell(scenario, 'one')]).toEqual([201, 400]);
    await put('size', { $ref: 'schema:inner' });
    const next = await stored({ ...asking({ $ref: 'schema:size' }), title: 'Next' });
    expect([await tell(next, 1), await tell(next, 'one')]).toEqual([400, 201]);
    // The same scenario again is the same scenario.
    expect(await stored(asking({ $ref: 'schema:size' }))).toBe(scenario);
  });

  it('may refer to each other in a ring', async () => {
    await put('tree', {
      type: 'object',
      properties: { branches: { type: 'array', items: { $ref: 'schema:branch' } } },
    });
    await put('branch', { type: 'object', properties: { tree: { $ref: 'schema:tree' } } });
    const scenario = await stored(asking({ $ref: 'schema:tree' }));
    expect(await tell(scenario, { branches: [{ tree: { branches: [] } }] })).toBe(201);
    expect(await tell(scenario, { branches: [{ tree: { branches: 3 } }] })).toBe(400);
  });

  it('are held against what names them in the scenario', async () => {
    await put('form', { properties: { form: { type: 'string' } }, required: ['form'], additionalProperties: true });
    await stored(asking({}, { schema: 'form', form: 'short' }));
    const answer = await store(asking({}, { schema: 'form' }));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_scenario', errors: [{ pointer: '/actions/tell' }] });
  });

  it('are nobody else’s', async () => {
    await put('secret', { type: 'integer' });
    expect((await call('GET', '/schemas/secret', {}, 'other')).status).toBe(404);
    expect((await call('DELETE', '/schemas/secret', {}, 'other')).status).toBe(404);
    expect((await store(asking({ $ref: 'schema:secret' }), 'other')).status).toBe(400);
    await put('secret', { type: 'string' }, 'other');
    expect(await (await call('GET', '/schemas/secret')).json()).toMatchObject({ type: 'integer' });
  });

  it.each([
    [{ $ref: 'schema:nowhere' }, {}, '/actions/tell/response'],
    ['https://example.com/nowhere', {}, '/actions/tell/response'],
    [{}, { schema: 'nowhere' }, '/actions/tell/schema'],
  ])('that are not there make a scenario invalid: %j %j', async (response, extra, pointer) => {
    const answer = await store(asking(response, extra));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_scenario', errors: [{ pointer }] });
  });

  it('are no more than a hundred for one scenario', async () => {
    const chain = Array.from({ length: 101 }, (_, n) => n);
    await Promise.all(chain.map((n) => put(`link${n}`, { $ref: `schema:link${n + 1}` }, 'third')));
    await put('link101', {}, 'third');
    await stored(asking({ $ref: 'schema:link2' }), 'third');
    const answer = await store(asking({ $ref: 'schema:link0' }), 'third');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: '', detail: expect.stringContaining('100') }] });
  });

  it.each([
    [{ $id: 'schema:other' }, '/$id'],
    [{ $schema: 'http://json-schema.org/draft-07/schema#' }, '/$schema'],
    [{ type: 'text' }, ''],
    [[], ''],
  ])('are refused where they are none: %j', async (json, pointer) => {
    const answer = await put('bad', json);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_schema', errors: [{ pointer }] });
  });
});

describe('the schemas of other hosts', () => {
  const document = (json: unknown) => ({ status: 200, body: JSON.stringify(json) });

  it('are fetched with what they refer to when a scenario is stored, and never again for it', async () => {
    elsewhere.answer(
      document({ type: 'object', properties: { amount: { $ref: 'amount.json' } }, required: ['amount'] }),
      document({ $ref: 'schema:amount' }),
      404,
    );
    const scenario = await stored(asking({ $ref: `${elsewhere.url}/money.json` }));
    expect(elsewhere.requests.map(({ path }) => path)).toEqual(['/money.json', '/amount.json']);
    expect([
      await tell(scenario, { amount: 5 }),
      await tell(scenario, { amount: -5 }),
      await tell(scenario, 5),
    ]).toEqual([201, 400, 400]);
    expect(elsewhere.requests).toHaveLength(2);
  });

  it('are a tenant’s own where it has one of that id', async () => {
    const id = `${elsewhere.url}/mine.json`;
    await put(encodeURIComponent(id), { type: 'string' });
    const before = elsewhere.requests.length;
    const scenario = await stored(asking({ $ref: id }));
    expect([await tell(scenario, 'mine'), await tell(scenario, 7)]).toEqual([201, 400]);
    expect(elsewhere.requests).toHaveLength(before);
  });

  it('make a scenario invalid when they are not there, and are to be tried again when that may pass', async () => {
    const $ref = `${elsewhere.url}/absent.json`;
    elsewhere.answer(404);
    const refused = await store(asking({ $ref }));
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { code: 'invalid_scenario', errors: [{ detail: `the schema ${$ref} answered 404` }] },
    ]);
    elsewhere.answer(503);
    const later = await store(asking({ $ref }));
    expect([later.status, await later.json()]).toMatchObject([503, { code: 'unavailable' }]);
  });

  it('are not asked for at hosts that nobody configured', async () => {
    const $ref = `${nowhere.url}/person.json`;
    const refused = await store(asking({ $ref }));
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { code: 'invalid_scenario', errors: [{ pointer: '/actions/tell/response' }] },
    ]);
    expect(nowhere.requests).toEqual([]);
  });
});
