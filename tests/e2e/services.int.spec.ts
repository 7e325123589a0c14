import { Recording, eventually, freePort, startRabbitMq, type RabbitMqServer } from '@handover/testkit';
import { connect } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Reply } from 'zeromq';
import { startInProcess, type InProcess } from './src/in-process.js';

const QUOTE = resolve(import.meta.dirname, '../../deploy/examples/scenarios/quote.yaml');

/** What a worker makes of a message: a receipt that names the delivery. */
interface Mail {
  readonly to: string;
  readonly subject: string;
}

let platform: InProcess;
let rabbit: RabbitMqServer;
let scenario: string;
let admin: string;
let claire: string;
let bob: string;
const closers: (() => Promise<unknown> | void)[] = [];

beforeAll(async () => {
  rabbit = await startRabbitMq();
  platform = await startInProcess();
  admin = await platform.jwt({ id: 'arnold', roles: ['admin'], tenant: 'acme' });
  claire = await platform.jwt({ id: 'claire', roles: ['customer'], tenant: 'acme' });
  bob = await platform.jwt({ id: 'bob', roles: ['management'], tenant: 'acme' });
  const source = withMail(await readFile(QUOTE, 'utf8'));
  const stored = await fetch(`${platform.urls[0] ?? ''}/scenarios`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/yaml' },
    body: source,
  });
  const answer = (await stored.json()) as { id: string };
  expect(stored.status, JSON.stringify(answer)).toBe(201);
  scenario = answer.id;
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  await platform.stop();
  await rabbit.stop();
});

/** The quote scenario, whose offer is mailed by a service that says so. */
function withMail(source: string): string {
  const put = (text: string, before: string, what: string): string => {
    expect(text).toContain(before);
    return text.replace(before, `${what}${before}`);
  };
  const mailed = `  mailed:
    title: The offer was mailed
    update:
      set: vars.receipt
      value: !ref current.response.receipt
`;
  const notify = `    notify:
      service: email
      trigger: mailed
      message:
        to: !ref actors.customer.email
        subject: !tpl 'Offer of {{ result.amount }} {{ result.currency }}'
`;
  const transition = `      - on: mailed
        by: service:email
        goto: ~
`;
  const offered = source.indexOf('  offered:\n');
  const head = put(source.slice(0, offered), '  accept:\n    title: Accept the offer\n', mailed);
  let tail = source.slice(offered);
  tail = put(tail, "    instructions:\n      customer: !tpl 'We offer", notify);
  tail = put(tail, '      - on: accept\n', transition);
  return put(head + tail, '  wish: string\n', '  receipt: string\n');
}

async function call(token: string, method: string, path: string, json?: unknown): Promise<unknown> {
  const answer = await platform.call(method, path, { token, ...(json !== undefined && { json }) });
  const text = await answer.text();
  expect(answer.status, `${method} ${path}: ${text}`).toBeLessThan(300);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

/** Runs a quote up to its offer. @returns the process's id */
async function offer(): Promise<string> {
  const wish = { company: 'Acme', email: 'claire@example.com', wish: '50 chairs' };
  const start = { scenario, actors: { customer: { id: 'claire' } }, action: { key: 'request', response: wish } };
  const { id } = (await call(claire, 'POST', '/processes', start)) as { id: string };
  await call(bob, 'POST', `/processes/${id}/offer`, { amount: 1_250, currency: 'EUR' });
  return id;
}

/** An e-mail worker on RabbitMQ, by nothing but its client library. */
async function amqpWorker(seen: Recording<Mail>): Promise<Record<string, unknown>> {
  const connection = await connect(rabbit.url);
  const channel = await connection.createChannel();
  const queue = `test.email.${randomUUID()}`;
  await channel.assertQueue(queue, { durable: true });
  await channel.consume(queue, (message) => {
    if (!message) return;
    const { replyTo, correlationId, messageId } = message.properties as {
      replyTo: string;
      correlationId: string;
      messageId: string;
    };
    seen.record(JSON.parse(message.content.toString()) as Mail);
    const reply = Buffer.from(JSON.stringify({ receipt: messageId }));
    channel.sendToQueue(replyTo, reply, { correlationId, contentType: 'application/json', persistent: true });
    channel.ack(message);
  });
  const replyTo = `${queue}.replies`;
  closers.push(async () => {
    await channel.deleteQueue(queue);
    await channel.deleteQueue(replyTo);
    await connection.close();
  });
  return { provider: 'amqp', url: rabbit.url, routingKey: queue, replyTo };
}

/** The same on ZeroMQ. */
async function zeromqWorker(seen: Recording<Mail>): Promise<Record<string, unknown>> {
  const socket = new Reply();
  const address = `tcp://127.0.0.1:${await freePort()}`;
  await socket.bind(address);
  const serve = async (): Promise<void> => {
    for await (const [body, ids] of socket) {
      seen.record(JSON.parse(String(body)) as Mail);
      await socket.send(JSON.stringify({ receipt: (JSON.parse(String(ids)) as { id: string }).id }));
    }
  };
  const serving = serve();
  closers.push(async () => {
    socket.close();
    await serving;
  });
  return { provider: 'zeromq', type: 'reply', address };
}

/** The same by HTTP. */
async function webhookWorker(seen: Recording<Mail>): Promise<Record<string, unknown>> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.record(JSON.parse(body) as Mail);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ receipt: request.headers['webhook-id'] }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(
    () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  );
  return { provider: 'webhook', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

describe('the quote scenario with an e-mail service', () => {
  it.each([
    ['AMQP', amqpWorker],
    ['ZeroMQ', zeromqWorker],
    ['a webhook', webhookWorker],
  ])('on %s: the offer is mailed, the receipt is a step, and the process goes on', async (_, start) => {
    const seen = new Recording<Mail>('mails');
    await call(admin, 'PUT', '/services/email', await start(seen));

    const process = await offer();

    expect(await seen.nth(1)).toEqual({ to: 'claire@example.com', subject: 'Offer of 1250 EUR' });
    const receipt = await eventually(
      async () => {
        const { vars } = (await call(admin, 'GET', `/processes/${process}`)) as { vars: { receipt?: string } };
        expect(vars.receipt).toMatch(/^ntf_/);
        return vars.receipt;
      },
      { withinMs: 15_000 },
    );
    const delivery = await eventually(async () => {
      const found = await call(admin, 'GET', `/deliveries/${String(receipt)}`);
      expect(found).toMatchObject({ status: 'delivered', reply: { status: 'applied' } });
      return found;
    });
    expect(delivery).toMatchObject({
      service: 'email',
      process,
      attempts: 1,
      body: expect.stringContaining('claire@'),
    });
    await call(claire, 'POST', `/processes/${process}/accept`);
    expect(await call(admin, 'GET', `/processes/${process}`)).toMatchObject({ current: { key: '(accepted)' } });
    expect(seen.items).toHaveLength(1);
  });

  it('that nobody has set up waits, where it can be seen, and is sent as soon as there is one', async () => {
    await call(admin, 'DELETE', '/services/email');
    const process = await offer();
    const waiting = (): Promise<unknown> => call(admin, 'GET', `/deliveries?status=waiting&process=${process}`);
    await eventually(async () => expect(await waiting()).toMatchObject([{ service: 'email', attempts: 0 }]));

    const seen = new Recording<Mail>('mails');
    await call(admin, 'PUT', '/services/email', await webhookWorker(seen));
    await seen.nth(1);
    await eventually(async () => expect(await waiting()).toEqual([]));
  });

  it('that nobody has set up is a warning to whoever stores a scenario that names it', async () => {
    await call(admin, 'PUT', '/services/courier', { provider: 'zeromq', address: 'tcp://127.0.0.1:5555' });
    const scenario = {
      title: 'Asks nobody',
      actors: { user: {} },
      actions: { go: { actor: 'user' }, answer: { actor: 'service:oracle' } },
      states: {
        initial: { on: 'go', goto: 'asked', notify: ['fax', 'courier', 'engine'] },
        asked: { on: 'answer', goto: '(done)', notify: 'fax' },
      },
    };
    const { warnings } = (await call(admin, 'POST', '/scenarios', scenario)) as { warnings: { detail: string }[] };
    expect(warnings).toMatchObject([
      { pointer: '/states/initial', detail: expect.stringContaining("'fax'") },
      { pointer: '/states/asked', detail: expect.stringContaining("'oracle'") },
    ]);
  });

  it('shows no secret, and points nowhere a tenant may not', async () => {
    const url = 'https://example.com/mail';
    const headers = { Authorization: 'Bearer hidden' };
    const shown = await call(admin, 'PUT', '/services/quiet', { provider: 'webhook', url, headers });
    expect(shown).toMatchObject({
      name: 'quiet',
      provider: 'webhook',
      url,
      headers: { Authorization: '***' },
      source: 'tenant',
    });
    expect(JSON.stringify(await call(admin, 'GET', '/services'))).not.toContain('hidden');
    for (const config of [
      { provider: 'webhook', url: 'http://10.0.0.1/' },
      { provider: 'amqp', url: 'amqp://guest:guest@192.168.0.1' },
      { provider: 'zeromq', address: 'ipc:///tmp/engine.sock' },
      { provider: 'webhook', url, headers: { Authorization: '***' } },
    ]) {
      const refused = await platform.call('PUT', '/services/quiet', { token: admin, json: config });
      expect([config, refused.status]).toEqual([config, 400]);
    }
  });
});
