import { Recording, eventually, startRabbitMq } from '@handover/testkit';
import { connect } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { ownBroker } from './src/broker.js';
import { startPlatform, type Platform } from './src/platform.js';

/** How often the notifier is killed; the platform waits longer after each, up to 15 s. */
const KILLS = Number(process.env.NOTIFIER_KILLS ?? 3);
/** Processes that are started around every kill. */
const BATCH = 24;
const AT_A_TIME = 6;

const SCENARIO = `
name: two-letters
version: '1.0'
title: Two letters
actors: {client: {}}
actions:
  ask: {title: Ask, actor: client}
  mailed: {title: Mailed}
  printed: {title: Printed}
states:
  initial: {on: ask, goto: asked}
  asked:
    notify:
      - {service: mail, trigger: mailed, message: {letter: 1}}
      - {service: print, trigger: printed, message: {letter: 2}}
    transitions:
      - {on: mailed, by: 'service:mail', goto: ~}
      - {on: printed, by: 'service:print', goto: ~}
      - {on: ask, goto: (done)}
`;

/** One message as a receiver got it. */
interface Got {
  /** Of the delivery: the same however often it is sent. */
  readonly id: string;
  readonly process: string;
}

interface Receiver {
  readonly got: Recording<Got>;
  readonly config: Record<string, unknown>;
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A worker on RabbitMQ that answers everything it gets, again when it gets it again. */
async function amqpWorker(): Promise<Receiver> {
  const rabbit = await startRabbitMq();
  const connection = await connect(rabbit.url);
  const channel = await connection.createChannel();
  const queue = `test.mail.${randomUUID()}`;
  const replyTo = `${queue}.replies`;
  const got = new Recording<Got>('messages');
  await channel.assertQueue(queue, { durable: true });
  await channel.consume(queue, (message) => {
    if (!message) return;
    const { messageId, headers } = message.properties;
    got.record({ id: String(messageId), process: String(headers?.process) });
    const properties = { correlationId: String(messageId), contentType: 'application/json', persistent: true };
    channel.sendToQueue(replyTo, Buffer.from('{"sent":true}'), properties);
    channel.ack(message);
  });
  closers.push(async () => {
    await channel.deleteQueue(queue);
    await channel.deleteQueue(replyTo);
    await connection.close();
    await rabbit.stop();
  });
  return { got, config: { provider: 'amqp', url: rabbit.url, routingKey: queue, replyTo, timeout: 1_000 } };
}

/** The same by HTTP; an event's process is in its body. */
async function httpWorker(): Promise<Receiver & { url: string }> {
  const got = new Recording<Got>('requests');
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const about = request.headers['handover-process'] ?? (JSON.parse(body) as { data: Got }).data.process;
      got.record({ id: String(request.headers['webhook-id']), process: String(about) });
      response.setHeader('content-type', 'application/json').end('{"sent":true}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { got, url, config: { provider: 'webhook', url, timeout: 1_000 } };
}

async function json<Body>(platform: Platform, as: string, method: string, path: string, body?: unknown): Promise<Body> {
  const answer = await platform.call(method, path, { as, ...(body !== undefined && { json: body }) });
  const text = await answer.text();
  expect(answer.status, `${method} ${path}: ${text}`).toBeLessThan(300);
  return JSON.parse(text) as Body;
}

/** Starts processes, some at a time. @returns their ids */
async function startProcesses(platform: Platform, scenario: string): Promise<string[]> {
  const ids: string[] = [];
  const starter = async (): Promise<void> => {
    while (ids.length < BATCH) {
      const place = ids.push('') - 1;
      const start = { scenario, actors: { client: { id: 'claire' } }, action: 'ask' };
      ids[place] = (await json<{ id: string }>(platform, 'claire', 'POST', '/processes', start)).id;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, starter));
  return ids;
}

/** How often the process took an action. */
async function taken(platform: Platform, process: string): Promise<Record<string, number>> {
  const { events } = await json<{ events: object[] }>(platform, 'admin', 'GET', `/processes/${process}`);
  const counts: Record<string, number> = {};
  for (const action of ['mailed', 'printed']) {
    counts[action] = events.filter((event) => JSON.stringify(event).includes(`"${action}"`)).length;
  }
  return counts;
}

it(
  `a notifier that is killed ${KILLS} times while it delivers forgets nothing, and no reply counts twice`,
  { timeout: 120_000 + KILLS * 25_000 },
  async () => {
    const broker = await ownBroker();
    closers.push(() => broker.remove());
    const often = ['0s', ...Array.from({ length: 40 }, () => '1s')].join(',');
    const platform = await startPlatform({
      ...broker.env,
      WEBHOOK_TIMEOUT_MS: '1000',
      WEBHOOK_SCHEDULE: often,
      SERVICE_SCHEDULE: often,
    });
    closers.push(() => platform.stop());
    const [mail, print, hook] = await Promise.all([amqpWorker(), httpWorker(), httpWorker()]);
    await json(platform, 'admin', 'PUT', '/services/mail', mail.config);
    await json(platform, 'admin', 'PUT', '/services/print', print.config);
    await json(platform, 'admin', 'POST', '/webhooks', { url: hook.url, events: ['process.started'] });
    const stored = await platform.call('POST', '/scenarios', {
      as: 'admin',
      body: SCENARIO,
      headers: { 'content-type': 'application/yaml' },
    });
    const { id: scenario } = (await stored.json()) as { id: string };
    expect(stored.status).toBe(201);
    const receivers = [mail, print, hook];
    const received = (): number => receivers.reduce((sum, { got }) => sum + got.items.length, 0);

    const started: string[] = [];
    let inHand = 0;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const pid = await platform.pidOf('notifier');
      const before = received();
      const starting = startProcesses(platform, scenario);
      // Some are out and others are not: at another place every time.
      await eventually(() => expect(received()).toBeGreaterThan(before + kill), { withinMs: 60_000, everyMs: 1 });
      process.kill(pid, 'SIGKILL');
      const out = received() - before;
      started.push(...(await starting));
      inHand += 3 * BATCH - out;
      await eventually(async () => expect(await platform.pidOf('notifier')).not.toBe(pid), { withinMs: 60_000 });
    }

    for (const { got } of receivers) {
      await eventually(() => expect(new Set(got.items.map(({ process: id }) => id))).toEqual(new Set(started)), {
        withinMs: 60_000,
        everyMs: 200,
      });
    }
    for (const id of started) {
      await eventually(async () => expect(await taken(platform, id)).toEqual({ mailed: 1, printed: 1 }), {
        withinMs: 60_000,
        everyMs: 200,
      });
    }
    // Nothing is open, so what has been applied once cannot be applied again.
    for (const status of ['pending', 'waiting', 'replied', 'failed', 'cancelled']) {
      await eventually(
        async () => expect(await json(platform, 'admin', 'GET', `/deliveries?status=${status}`)).toEqual([]),
        { withinMs: 60_000, everyMs: 200 },
      );
    }
    for (const id of started) expect(await taken(platform, id)).toEqual({ mailed: 1, printed: 1 });

    for (const { got } of receivers) expect(new Set(got.items.map(({ id }) => id)).size).toBe(started.length);
    const all = 3 * started.length;
    process.stdout.write(
      `${KILLS} kills: ${all} deliveries of ${started.length} processes, ${inHand} not yet out when the notifier was ` +
        `killed; ${received()} received, ${received() - all} of them again; 0 forgotten, 0 replies applied twice` +
        '\n',
    );
  },
);
