import { startReceiver, type Receiver } from '@handover/testkit';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownBroker, type Broker } from './src/broker.js';
import { startPlatform, type Platform } from './src/platform.js';
import { busesOf } from './src/running.js';

const QUOTE = resolve(import.meta.dirname, '../../deploy/examples/scenarios/quote.yaml');
const WISH = { company: 'Acme', email: 'claire@example.com', wish: '50 chairs' };
const OFFER = { amount: 1_250, currency: 'EUR' };

let platform: Platform;

/** Stores the quote scenario and starts a process of it for claire. */
async function startQuote(): Promise<string> {
  const stored = await platform.call('POST', '/scenarios', {
    as: 'admin',
    body: await readFile(QUOTE, 'utf8'),
    headers: { 'content-type': 'application/yaml' },
  });
  const { id: scenario } = (await stored.json()) as { id: string };
  const started = await platform.call('POST', '/processes', {
    as: 'claire',
    json: { scenario, actors: { customer: { id: 'claire' } }, action: { key: 'request', response: WISH } },
  });
  expect(started.status).toBe(201);
  const { id } = (await started.json()) as { id: string };
  expect(started.headers.get('location')).toBe(`/processes/${id}`);
  return id;
}

async function subscribe(receiver: Receiver): Promise<{ id: string; secret: string }> {
  const created = await platform.call('POST', '/webhooks', {
    as: 'admin',
    json: { url: `${receiver.url}/hook`, events: ['process.completed'] },
  });
  expect(created.status).toBe(201);
  return (await created.json()) as { id: string; secret: string };
}

async function step(process: string, action: string, as: string, json?: unknown): Promise<void> {
  const answer = await platform.call('POST', `/processes/${process}/${action}`, {
    as,
    ...(json !== undefined && { json }),
  });
  expect(answer.status, await answer.clone().text()).toBe(204);
}

async function read(process: string, as = 'admin'): Promise<Record<string, unknown> & { current: { key: string } }> {
  const answer = await platform.call('GET', `/processes/${process}`, { as });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown> & { current: { key: string } };
}

describe.each(busesOf(['ZeroMQ', 'RabbitMQ']))('the quote scenario, by REST and over %s', (bus) => {
  let broker: Broker | undefined;

  beforeAll(async () => {
    broker = bus === 'RabbitMQ' ? await ownBroker() : undefined;
    platform = await startPlatform({ WEBHOOK_SCHEDULE: '0s,1s,1s,1s', ...broker?.env });
  });
  afterAll(async () => {
    await platform.stop();
    await broker?.remove();
  });

  it('runs to its end, and the receiver gets exactly one verified completion', async () => {
    const receiver = await startReceiver();
    const webhook = await subscribe(receiver);
    expect(webhook.secret).toMatch(/^whsec_/);

    const process = await startQuote();
    await step(process, 'offer', 'bob', OFFER);
    await step(process, 'accept', 'claire');

    expect(await read(process)).toMatchObject({ isRunning: false, current: { key: '(accepted)' }, result: OFFER });
    const request = await receiver.request(1);
    const completion = new Webhook(webhook.secret).verify(request.body, { ...request.headers });
    expect(completion).toMatchObject({
      type: 'process.completed',
      data: { process, state: '(accepted)', result: OFFER },
    });

    // A later completion arrives as the second request: nothing came twice in between.
    const other = await startQuote();
    await step(other, 'decline', 'bob', { reason: 'sold out' });
    expect(await receiver.request(2).then(({ body }) => body)).toContain(other);
    await platform.call('DELETE', `/webhooks/${webhook.id}`, { as: 'admin' });
    await receiver.close();
  });

  it('reaches a receiver that fails twice on the third attempt, with the same webhook-id', async () => {
    const receiver = await startReceiver({ script: [500, 500, 200] });
    const webhook = await subscribe(receiver);

    const process = await startQuote();
    await step(process, 'decline', 'bob', { reason: 'sold out' });

    const third = await receiver.request(3, 30_000);
    new Webhook(webhook.secret).verify(third.body, { ...third.headers });
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(receiver.requests).toHaveLength(3);
    await platform.call('DELETE', `/webhooks/${webhook.id}`, { as: 'admin' });
    await receiver.close();
  });

  it('refuses what the scenario does not allow, says why, and records it', async () => {
    const process = await startQuote();

    const early = await platform.call('POST', `/processes/${process}/accept`, { as: 'claire' });

    expect(early.status).toBe(400);
    expect(early.headers.get('content-type')).toContain('application/problem+json');
    expect(await early.json()).toMatchObject({
      code: 'step_refused',
      error: { reason: ["Action 'accept' is not allowed in state 'requested'"] },
    });
    expect((await read(process)).events).toHaveLength(3);
  });

  it('shows the process to its actors only', async () => {
    const process = await startQuote();
    expect((await platform.call('GET', `/processes/${process}`, { as: 'claire' })).status).toBe(200);
    expect((await platform.call('GET', `/processes/${process}`, { as: 'bob' })).status).toBe(200);
    expect((await platform.call('GET', `/processes/${process}`, { as: 'david' })).status).toBe(403);
    expect((await platform.call('POST', `/processes/${process}/offer`, { as: 'claire', json: OFFER })).status).toBe(
      403,
    );
  });
});

describe('bad input', () => {
  beforeAll(async () => {
    platform = await startPlatform();
  });
  afterAll(() => platform.stop());

  const scenarios = () => platform.call('GET', '/scenarios', { as: 'admin' }).then((answer) => answer.json());

  it.each([
    ['malformed YAML', 'application/yaml', 'states:\n  initial: {on: a, goto: b', 400, /line 2/],
    ['malformed JSON', 'application/json', '{\n  "states": }', 400, /line 2/],
    ['an invalid scenario', 'application/json', '{"states":{"initial":{"on":"go","goto":"nowhere"}}}', 400, /goto/],
    ['a body over 1 MiB', 'application/json', `"${'x'.repeat(1_048_577)}"`, 413, /larger/],
    ['an unknown content type', 'text/csv', 'a,b', 415, /text\/csv/],
  ])('%s is refused, and nothing is stored', async (_, contentType, body, status, words) => {
    const before = await scenarios();
    const answer = await platform.call('POST', '/scenarios', {
      as: 'admin',
      body,
      headers: { 'content-type': contentType },
    });
    const text = await answer.text();
    expect(answer.status, text).toBe(status);
    expect(JSON.parse(text)).toMatchObject({ status, code: expect.any(String), requestId: expect.any(String) });
    expect(text).toMatch(words);
    expect(await scenarios()).toEqual(before);
  });

  it('an unknown scenario is 404 when read and 400 when started', async () => {
    const unknown = '00000000-0000-4000-8000-000000000000';
    const read = await platform.call('GET', `/scenarios/${unknown}`, { as: 'admin' });
    const started = await platform.call('POST', '/processes', {
      as: 'claire',
      json: { scenario: unknown, action: 'go' },
    });
    expect([read.status, started.status]).toEqual([404, 400]);
    expect(await started.json()).toMatchObject({ code: 'unknown_scenario', error: { message: 'Scenario not found' } });
  });

  it('no token, a bad token and a missing privilege are told apart', async () => {
    const none = await platform.call('GET', '/scenarios');
    const bad = await platform.call('GET', '/scenarios', { headers: { authorization: 'Bearer a.b.c' } });
    const poor = await platform.call('GET', '/scenarios', { as: 'alice' });
    expect([none.status, bad.status, poor.status]).toEqual([401, 401, 403]);
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
  });
});
