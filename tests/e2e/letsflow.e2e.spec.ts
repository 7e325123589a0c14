import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInProcess, type InProcess } from './src/in-process.js';
import { ownBroker, type Broker } from './src/broker.js';
import { startPlatform, type CallOptions, type Platform } from './src/platform.js';
import { busesOf } from './src/running.js';

const run = promisify(execFile);
const NOWHERE = '00000000-0000-4000-8000-000000000000';
const YAML = { 'content-type': 'application/yaml' };

/** Its names are those the documentation of the API uses in its printed requests. */
const SCENARIO = {
  name: 'text',
  version: '1.0',
  title: 'Text',
  tags: ['printed'],
  actors: {
    text: {},
    ANY_ADDITIONAL_PROPERTY: { properties: { ANY_ADDITIONAL_PROPERTY: 'string' } },
  },
  actions: {
    text: { actor: 'ANY_ADDITIONAL_PROPERTY', response: { type: 'string' }, update: 'vars.said' },
    finish: { actor: 'ANY_ADDITIONAL_PROPERTY' },
  },
  vars: { said: 'string' },
  states: {
    initial: {
      transitions: [
        { on: 'text', goto: null },
        { on: 'finish', goto: '(done)' },
      ],
    },
  },
};
const ACTORS = { ANY_ADDITIONAL_PROPERTY: { id: 'admin' } };

let platform: Platform;
let token: string;
let scenario: string;
let process: string;
let disabled: string;
let key: string;
let reader: string;
let stepper: string;

async function idOf(path: string, json: unknown): Promise<string> {
  const answer = await platform.call('POST', path, { as: 'admin', json });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}

/** A key as clients send it. */
async function keyWith(...privileges: readonly string[]): Promise<string> {
  const answer = await platform.call('POST', '/apikey', { as: 'admin', json: { name: 'narrow', privileges } });
  return ((await answer.json()) as { token: string }).token;
}

async function furnish(): Promise<void> {
  const accounts = (await (await platform.call('GET', '/demo-accounts')).json()) as { id: string; token: string }[];
  token = accounts.find(({ id }) => id === 'admin')?.token ?? '';
  disabled = await idOf('/scenarios', { ...SCENARIO, name: 'old', title: 'Old' });
  await platform.call('DELETE', `/scenarios/${disabled}`, { as: 'admin' });
  scenario = await idOf('/scenarios', SCENARIO);
  process = await idOf('/processes', { scenario, actors: { ...ACTORS, text: { id: 'david' } } });
  key = await idOf('/apikey', { name: 'spare' });
  reader = await keyWith('scenario:read');
  stepper = await keyWith('process:step');
}

interface Row {
  readonly request: () => readonly [method: string, path: string, options?: CallOptions];
  readonly status: number;
  /** Members of the body, or of the headers. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | RegExp>>;
}
const admin = { as: 'admin' };
const start =
  (json: object, query = ''): Row['request'] =>
  () => ['POST', `/processes${query}`, { ...admin, json }];
const step =
  (options: CallOptions, query = ''): Row['request'] =>
  () => ['POST', `/processes/${process}/text${query}`, { ...admin, ...options }];

/** Every route of the LetsFlow API: what it answers, and each way it refuses (engine-service §1). */
const ROWS: Readonly<Record<string, Row>> = {
  'the root leads to the documentation': {
    request: () => ['GET', '/'],
    status: 302,
    headers: { location: '/api-docs' },
  },
  info: { request: () => ['GET', '/info'], status: 200, body: { name: 'handover', env: 'development' } },
  'demo accounts': { request: () => ['GET', '/demo-accounts'], status: 200 },

  scenarios: { request: () => ['GET', '/scenarios', admin], status: 200, headers: { 'x-total-count': /^\d+$/ } },
  'scenarios by name, tag and text': {
    request: () => ['GET', '/scenarios?name=text&tag=printed&text=TEX', admin],
    status: 200,
    body: [{ name: 'text', version: '1.0', title: 'Text' }],
  },
  'scenarios on no page': {
    request: () => ['GET', '/scenarios?page=0', admin],
    status: 400,
    body: { code: 'invalid_request', errors: [{ in: 'query', pointer: '/page' }] },
  },
  'scenarios for who may not': {
    request: () => ['GET', '/scenarios', { as: 'claire' }],
    status: 403,
    body: { error: { message: expect.any(String) } },
  },
  'a scenario by id': { request: () => ['GET', `/scenarios/${scenario}`, admin], status: 200, body: { name: 'text' } },
  'a scenario by name': { request: () => ['GET', '/scenarios/text', admin], status: 200, body: { name: 'text' } },
  'a scenario by name and version': { request: () => ['GET', '/scenarios/text@1.0', admin], status: 200 },
  'a scenario as YAML by its extension': {
    request: () => ['GET', `/scenarios/${scenario}.yaml`, admin],
    status: 200,
    headers: { 'content-type': 'application/yaml; charset=utf-8', vary: 'Accept' },
  },
  'a scenario as YAML by Accept': {
    request: () => ['GET', `/scenarios/${scenario}`, { ...admin, headers: { accept: 'application/yaml' } }],
    status: 200,
    headers: { 'content-type': 'application/yaml; charset=utf-8' },
  },
  'a scenario as JSON by its extension, whatever Accept says': {
    request: () => ['GET', `/scenarios/${scenario}.json`, { ...admin, headers: { accept: 'application/yaml' } }],
    status: 200,
    headers: { 'content-type': 'application/json' },
  },
  'a scenario that is disabled': {
    request: () => ['GET', `/scenarios/${disabled}`, admin],
    status: 200,
    headers: { 'x-disabled': 'true' },
  },
  'a scenario nobody stored': {
    request: () => ['GET', `/scenarios/${NOWHERE}`, admin],
    status: 404,
    body: { error: { message: 'Scenario not found' } },
  },
  'a scenario whose id is none': { request: () => ['GET', '/scenarios/%00', admin], status: 404 },
  'scenarios by a name that no text can have': {
    request: () => ['GET', '/scenarios?name=%00', admin],
    status: 400,
    body: { errors: [{ in: 'query', pointer: '/name' }] },
  },
  'storing a title that no text can have': {
    request: () => ['POST', '/scenarios', { ...admin, json: { ...SCENARIO, title: 'a\0' } }],
    status: 400,
    body: { errors: [{ pointer: '/title' }] },
  },
  'a start of a scenario whose id is none': {
    request: start({ scenario: '\0' }),
    status: 400,
    body: { error: { message: 'Scenario not found' } },
  },
  'storing a scenario': {
    request: () => ['POST', '/scenarios', { ...admin, json: SCENARIO }],
    status: 201,
    headers: { location: /^\/scenarios\/[\da-f-]{36}$/ },
  },
  'storing a scenario as YAML': {
    request: () => [
      'POST',
      '/scenarios',
      {
        ...admin,
        body: 'states: { initial: { on: a, goto: (b) } }\nactions: { a: {} }\nactors: { b: {} }',
        headers: YAML,
      },
    ],
    status: 201,
  },
  'storing broken YAML': {
    request: () => ['POST', '/scenarios', { ...admin, body: 'a: [', headers: YAML }],
    status: 400,
    body: { code: 'malformed_body' },
  },
  'storing what is no scenario': {
    request: () => ['POST', '/scenarios', { ...admin, json: {} }],
    status: 400,
    body: { code: 'invalid_scenario', errors: [{ pointer: expect.any(String) }] },
  },
  'storing a text': {
    request: () => ['POST', '/scenarios', { ...admin, body: 'x', headers: { 'content-type': 'text/csv' } }],
    status: 415,
  },
  'storing for who may not': { request: () => ['POST', '/scenarios', { as: 'claire', json: SCENARIO }], status: 403 },
  'disabling what is not there': { request: () => ['DELETE', `/scenarios/${NOWHERE}`, admin], status: 404 },

  processes: { request: () => ['GET', '/processes?page=1', admin], status: 200 },
  'all processes for who may not': { request: () => ['GET', '/processes?all=true', { as: 'claire' }], status: 403 },
  'a start by id': {
    request: start({
      get scenario() {
        return scenario;
      },
      actors: ACTORS,
    }),
    status: 201,
    headers: { location: /^\/processes\// },
  },
  'a start by name with an action': {
    request: start({ scenario: 'text', actors: ACTORS, action: { key: 'text', response: 'hello' } }),
    status: 201,
    body: { vars: { said: 'hello' } },
  },
  'a start by name and version, foretold': {
    request: start({ scenario: 'text@1.0', actors: ACTORS, action: 'finish' }, '?predict=true'),
    status: 201,
    body: { isRunning: false, next: [] },
  },
  'a start of nothing': {
    request: start({ scenario: NOWHERE }),
    status: 400,
    body: { error: { message: 'Scenario not found' } },
  },
  'a start of what is disabled': {
    request: start({ scenario: 'old' }),
    status: 400,
    body: { error: { message: 'Scenario is disabled' } },
  },
  'a start without scenario': {
    request: start({}),
    status: 400,
    body: { errors: [{ in: 'body', pointer: '/scenario' }] },
  },
  'a start that is refused': {
    request: start({ scenario: 'text', actors: ACTORS, action: { key: 'text', response: 1 } }),
    status: 400,
    body: { code: 'step_refused', error: { message: 'Failed to execute action', reason: [expect.any(String)] } },
  },
  'a process': {
    request: () => ['GET', `/processes/${process}`, admin],
    status: 200,
    headers: { etag: /^"/, 'last-modified': /GMT$/ },
  },
  'a process, foretold by the other name': {
    request: () => ['GET', `/processes/${process}?prediction=1`, admin],
    status: 200,
    body: { next: [{ key: 'initial' }] },
  },
  'a process for who is no actor': {
    request: () => ['GET', `/processes/${process}`, { as: 'claire' }],
    status: 403,
    body: { error: { message: 'Not allowed to access the process' } },
  },
  'a process for a key that may not read it': {
    request: () => ['GET', `/processes/${process}`, { headers: { authorization: `Bearer ${reader}` } }],
    status: 403,
    body: { error: { message: 'Insufficient privileges of API key' } },
  },
  'a process nobody started': {
    request: () => ['GET', `/processes/${NOWHERE}`, admin],
    status: 404,
    body: { error: { message: 'Process not found' } },
  },
  'a process whose id is none': { request: () => ['GET', '/processes/1', admin], status: 404 },
  'a step with a JSON text': { request: step({ json: 'hello' }), status: 204, headers: { etag: /^"/ } },
  'a step with a plain text': {
    request: step({ body: 'hello', headers: { 'content-type': 'text/plain' } }),
    status: 204,
  },
  'a step that shows the process': {
    request: step({ json: 'shown', headers: { prefer: 'return=representation' } }),
    status: 200,
    body: { vars: { said: 'shown' } },
  },
  'a step that foretells': {
    request: step({ json: 'foretold' }, '?predict=true'),
    status: 200,
    body: { next: [{ key: 'initial' }] },
  },
  'a step that does not foretell, and says so': { request: step({ json: 'plain' }, '?predict=false'), status: 204 },
  'a step as the actor one is': {
    request: step({ json: 'as', headers: { 'as-actor': 'ANY_ADDITIONAL_PROPERTY' } }),
    status: 204,
  },
  'a step as another': {
    request: step({ json: 'as', headers: { 'as-actor': 'text' } }),
    status: 403,
    body: { error: { message: "Not allowed to perform as actor 'text'" } },
  },
  'a step of an actor whose turn it is not': {
    request: () => ['POST', `/processes/${process}/text`, { as: 'david', json: 'no' }],
    status: 403,
    body: { error: { message: "Not allowed to perform action 'text'" } },
  },
  'a step for who is no actor': {
    request: () => ['POST', `/processes/${process}/text`, { as: 'claire', json: 'no' }],
    status: 403,
    body: { error: { message: 'Not allowed to access process' } },
  },
  'a step by a key that plays nobody there': {
    request: () => [
      'POST',
      `/processes/${process}/text`,
      { json: 'no', headers: { authorization: `Bearer ${stepper}` } },
    ],
    status: 403,
    body: { error: { message: 'Process not available for this API key in current state' } },
  },
  'a step that is refused': {
    request: step({ json: 7 }),
    status: 400,
    body: { code: 'step_refused', error: { reason: [expect.any(String)] } },
  },
  'a step nobody can take': {
    request: () => ['POST', `/processes/${process}/fly`, admin],
    status: 400,
    body: { code: 'step_refused' },
  },
  'a step of no process': {
    request: () => ['POST', `/processes/${NOWHERE}/text`, admin],
    status: 404,
    body: { error: { message: 'Process not found' } },
  },

  keys: { request: () => ['GET', '/apikey', admin], status: 200 },
  'a key without name': {
    request: () => ['POST', '/apikey', { ...admin, json: {} }],
    status: 400,
    body: { errors: [{ pointer: '/name' }] },
  },
  'revoking a key': { request: () => ['DELETE', `/apikey/${key}`, admin], status: 204 },
  'a key nobody issued': { request: () => ['DELETE', '/apikey/zz', admin], status: 404 },

  'an address nobody serves': { request: () => ['GET', '/nowhere', admin], status: 404, body: { code: 'not_found' } },
  'a method an address has not': {
    request: () => ['PUT', '/scenarios', admin],
    status: 405,
    headers: { allow: 'GET, HEAD, OPTIONS, POST' },
  },
  'a token that is none': {
    request: () => ['GET', '/scenarios', { headers: { authorization: 'Bearer a.b.c' } }],
    status: 401,
    headers: { 'www-authenticate': 'Bearer' },
  },
};

/** The requests as the documentation prints them; host, token and ids are filled in. */
const PRINTED: readonly (readonly [status: number, request: string])[] = [
  [200, 'GET /info HTTP/1.1\nHost: \nAccept: */*'],
  [200, 'GET /demo-accounts HTTP/1.1\nHost: \nAccept: */*'],
  [200, 'GET /scenarios HTTP/1.1\nHost: \nAuthorization: Bearer jwt\nAccept: */*'],
  [
    400,
    'POST /scenarios HTTP/1.1\nHost: \nAuthorization: Bearer jwt\nContent-Type: application/json\nAccept: */*\n\n{}',
  ],
  [200, 'GET /scenarios/{scenario} HTTP/1.1\nHost: \nAuthorization: Bearer jwt\nAccept: */*'],
  [200, 'GET /processes HTTP/1.1\nHost: \nAuthorization: Bearer YOUR_SECRET_TOKEN\nAccept: */*'],
  [200, 'GET /processes/{process} HTTP/1.1\nHost: \nAuthorization: Bearer jwt\nAccept: */*'],
  [
    201,
    `POST /processes HTTP/1.1
Host: 
Authorization: Bearer jwt
As-Actor: text
Content-Type: application/json
Accept: */*

{
  "scenario": "text",
  "actors": {
    "ANY_ADDITIONAL_PROPERTY": {
      "id": "text",
      "title": "text",
      "ANY_ADDITIONAL_PROPERTY": "anything"
    }
  },
  "action": {}
}`,
  ],
  [
    204,
    'POST /processes/{process}/text HTTP/1.1\nHost: \nAuthorization: Bearer jwt\nContent-Type: application/json\nAccept: */*\n\n"text"',
  ],
  [200, 'GET /apikey HTTP/1.1\nHost: \nAuthorization: Bearer jwt\nAccept: */*'],
  [
    201,
    `POST /apikey HTTP/1.1
Host: 
Authorization: Bearer jwt
Content-Type: application/json
Accept: */*

{
  "name": "text",
  "description": "text",
  "privileges": [
    "scenario:read"
  ],
  "processes": [
    {
      "scenario": "123e4567-e89b-12d3-a456-426614174000",
      "actors": [
        "text"
      ],
      "actions": [
        "text"
      ]
    }
  ]
}`,
  ],
  [204, 'DELETE /apikey/{key} HTTP/1.1\nHost: \nAuthorization: Bearer jwt\nAccept: */*'],
  [204, 'DELETE /scenarios/{scenario} HTTP/1.1\nHost: \nAuthorization: Bearer jwt\nAccept: */*'],
];

/** Sends a printed request with curl. @returns the status of the answer */
async function curl(printed: string): Promise<number> {
  const [head = '', body] = printed.split('\n\n', 2);
  const [line = '', ...headers] = head.split('\n');
  const [method = '', path = ''] = line.split(' ');
  const address = path.replace('{scenario}', scenario).replace('{process}', process).replace('{key}', key);
  const sent = headers
    .filter((header) => !header.startsWith('Host:'))
    .map((header) => header.replace(/Bearer \w+/, `Bearer ${token}`));
  const { stdout } = await run('curl', [
    ...['--silent', '--output', '/dev/null', '--write-out', '%{http_code}', '--request', method],
    ...sent.flatMap((header) => ['--header', header]),
    ...(body === undefined ? [] : ['--data-binary', body]),
    `${platform.url}${address}`,
  ]);
  return Number(stdout);
}

describe.each(busesOf(['ZeroMQ', 'RabbitMQ']))('the LetsFlow API over %s', (bus) => {
  let broker: Broker | undefined;

  beforeAll(async () => {
    broker = bus === 'RabbitMQ' ? await ownBroker() : undefined;
    platform = await startPlatform(broker?.env);
    await furnish();
  }, 180_000);
  afterAll(async () => {
    await platform.stop();
    await broker?.remove();
  }, 60_000);

  it.each(Object.entries(ROWS))('answers: %s', async (_, { request, status, body, headers = {} }) => {
    const answer = await platform.call(...request());
    expect(answer.status, await answer.clone().text()).toBe(status);
    for (const [name, value] of Object.entries(headers)) {
      if (typeof value === 'string') expect(answer.headers.get(name)).toBe(value);
      else expect(answer.headers.get(name)).toMatch(value);
    }
    if (body !== undefined) expect(await answer.json()).toMatchObject(body as object);
  });

  it('leaves nothing behind of a start that was refused', async () => {
    const count = async () => (await platform.call('GET', '/processes?all=true', admin)).headers.get('x-total-count');
    const before = await count();
    const json = { scenario: 'text', actors: ACTORS, action: { key: 'text', response: 1 } };
    expect((await platform.call('POST', '/processes', { ...admin, json })).status).toBe(400);
    expect(await count()).toBe(before);
  });

  it.each(PRINTED)('answers %i to the printed request %s', async (status, printed) => {
    expect(await curl(printed)).toBe(status);
  });

  it('enables a scenario that is stored again', async () => {
    const read = () => platform.call('GET', `/scenarios/${scenario}`, admin);
    expect((await read()).headers.get('x-disabled')).toBe('true');
    await platform.call('POST', '/scenarios', { ...admin, json: SCENARIO });
    expect((await read()).headers.get('x-disabled')).toBeNull();
  });
});

describe('the LetsFlow API of an installation whose scenarios are fixed', () => {
  let fixed: InProcess;
  let asAdmin: string;

  beforeAll(async () => {
    fixed = await startInProcess({ engine: { SCENARIO_READONLY: 'true' } });
    asAdmin = await fixed.jwt({ id: 'admin', roles: ['admin'] });
  }, 60_000);
  afterAll(() => fixed.stop());

  it.each([
    ['POST', '/scenarios', { json: SCENARIO }, 'Read-only mode'],
    ['DELETE', `/scenarios/${NOWHERE}`, {}, 'Read-only mode'],
    ['GET', '/demo-accounts', {}, 'Demo accounts are disabled'],
  ])('answers 403 to %s %s', async (method, path, options, message) => {
    const answer = await fixed.call(method, path, { token: asAdmin, ...options });
    expect(answer.status, await answer.clone().text()).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { message } });
  });
});
