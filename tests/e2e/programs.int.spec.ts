import {
  eventually,
  freePort,
  spawnNode,
  startRabbitMq,
  type ManagedChild,
  type RabbitMqServer,
} from '@handover/testkit';
import { connect } from 'amqplib';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownBroker, type Broker } from './src/broker.js';
import { startInProcess, type InProcess } from './src/in-process.js';

const PROGRAMS = resolve(import.meta.dirname, '../../deploy/examples/programs');
const REQUEST = ['Acme', 'claire@example.com', '50 chairs'];

describe.each(['RabbitMQ', 'ZeroMQ'] as const)('the example programs, on a platform over %s', (bus) => {
  const queues = [`email-${randomUUID()}`, `completions-${randomUUID()}`, `receipts-${randomUUID()}`] as const;
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const children: ManagedChild[] = [];
  let rabbit: RabbitMqServer;
  let broker: Broker | undefined;
  let platform: InProcess;
  let token: (id: string, ...roles: string[]) => Promise<string>;
  /** Where programs find the platform. */
  let env: Readonly<Record<string, string | undefined>>;

  /** Starts a program as its first lines say. */
  const start = (file: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): ManagedChild => {
    const child = spawnNode(join(PROGRAMS, file), { args, env: { ...env, ...more }, fromSource: true });
    children.push(child);
    return child;
  };

  beforeAll(async () => {
    rabbit = await startRabbitMq();
    broker = bus === 'RabbitMQ' ? await ownBroker() : undefined;
    const { AMQP_URL: url = '', AMQP_PREFIX: prefix = '' } = broker?.env ?? {};
    platform = await startInProcess(broker && { amqp: { url, prefix } });
    env = broker
      ? broker.env
      : { AMQP_URL: undefined, ZMQ_COMMANDS: platform.outside.commands, ZMQ_EVENTS: platform.outside.events };
    token = (id, ...roles) => platform.jwt({ id, roles, tenant: 'acme' });
    const stored = await platform.call('POST', '/scenarios', {
      token: await token('arnold', 'admin'),
      body: await readFile(join(PROGRAMS, 'quote-by-services.yaml'), 'utf8'),
      headers: { 'content-type': 'application/yaml' },
    });
    expect(stored.status, await stored.text()).toBe(201);
  });
  afterAll(async () => {
    for (const child of children) await child.kill();
    await platform.stop();
    await broker?.remove();
    const connection = await connect(rabbit.url);
    const channel = await connection.createChannel();
    for (const queue of queues) await channel.deleteQueue(queue);
    await connection.close();
    await rabbit.stop();
  });

  async function serve(name: string, json: unknown): Promise<void> {
    const answer = await platform.call('PUT', `/services/${name}`, { token: await token('arnold', 'admin'), json });
    expect(answer.status, await answer.text()).toBe(201);
  }

  /** The document service by the way that is not the platform's own. */
  async function startDocuments(): Promise<ManagedChild> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/document`;
    const address = `tcp://127.0.0.1:${port}`;
    await serve(
      'document',
      bus === 'RabbitMQ' ? { provider: 'webhook', url, secret } : { provider: 'zeromq', type: 'reply', address },
    );
    return bus === 'RabbitMQ'
      ? start('document-service.mjs', ['http', String(port)], { SECRET: secret })
      : start('document-service.mjs', ['zeromq', address]);
  }

  it('play a quote from the command to the completion', async () => {
    await serve('email', { provider: 'amqp', url: rabbit.url, routingKey: queues[0], replyTo: queues[2] });
    const email = start('email-service.mjs', [], { AMQP_URL: rabbit.url, QUEUE: queues[0] });
    const documents = await startDocuments();
    const events = start('follow-events.mjs', [], { QUEUE: queues[1] });
    for (const child of [email, documents, events]) await child.line(/^ready$/, 30_000);

    const requested = start('request-quote.mjs', REQUEST, { HANDOVER_TOKEN: await token('claire', 'customer') });
    const [, id = ''] = await requested.line(/^([\da-f-]{36})$/, 30_000);
    expect(await requested.exited).toMatchObject({ code: 0 });

    const act = async (who: string, action: string, json?: unknown): Promise<void> => {
      const answer = await platform.call('POST', `/processes/${id}/${action}`, { token: who, json });
      expect(answer.status, await answer.text()).toBe(204);
    };
    const claire = await token('claire', 'customer');
    await act(await token('bob', 'management'), 'offer', { amount: 1_250, currency: 'EUR' });
    await documents.line(/^drawn up: Offer to Acme$/, 30_000);
    await email.line(/^to claire@example\.com: Offer of 1250 EUR \| Offer to Acme \/ 50 chairs: 1250 EUR$/, 30_000);
    await eventually(
      async () => {
        const process = await (await platform.call('GET', `/processes/${id}`, { token: claire })).json();
        expect(process).toMatchObject({
          current: { key: 'offered' },
          vars: { receipt: expect.stringMatching(/^ntf_/) },
        });
      },
      { withinMs: 30_000 },
    );
    await act(claire, 'accept');
    await events.line(new RegExp(`^completed ${id}: \\(accepted\\)$`), 30_000);

    for (const child of [email, documents, events]) {
      child.signal('SIGTERM');
      expect(await child.exited).toMatchObject({ code: 0 });
    }
  }, 120_000);

  it('say what the platform refuses', async () => {
    const refused = start('request-quote.mjs', ['Acme'], { HANDOVER_TOKEN: await token('claire', 'customer') });
    await refused.line(/^step_refused: /, 30_000);
    expect(await refused.exited).toMatchObject({ code: 1 });
  }, 60_000);
});
