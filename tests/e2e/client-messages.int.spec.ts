import * as amqp from '@handover/client/amqp';
import * as zeromq from '@handover/client/zeromq';
import type { HandoverEvent } from '@handover/contracts';
import { Recording, eventually } from '@handover/testkit';
import { connect } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownBroker, type Broker } from './src/broker.js';
import { startInProcess, type InProcess } from './src/in-process.js';

const HANDSHAKE = resolve(import.meta.dirname, '../../deploy/examples/scenarios/handshake.yaml');

describe.each(['amqp', 'zeromq'] as const)('the client over %s', (transport) => {
  const queue = `client-${randomUUID()}`;
  const events = new Recording<HandoverEvent>('completions');
  let broker: Broker | undefined;
  let platform: InProcess;
  let commander: amqp.Commander;
  let consumer: { stop(): Promise<void> };
  let scenario: string;
  let url = '';
  let prefix = '';
  let token: string;

  const consume = () =>
    amqp.consumeEvents({ url, prefix, queue, topics: ['acme.process.completed.handshake'] }, async (event) =>
      events.record(event),
    );

  beforeAll(async () => {
    if (transport === 'amqp') {
      broker = await ownBroker();
      [url, prefix] = [broker.env.AMQP_URL ?? '', broker.env.AMQP_PREFIX ?? ''];
    }
    platform = await startInProcess(broker && { amqp: { url, prefix } });
    token = await platform.jwt({ id: 'alice', roles: ['admin'], tenant: 'acme' });
    if (transport === 'amqp') {
      commander = await amqp.connectCommander({ url, prefix, token });
      consumer = await consume();
    } else {
      commander = zeromq.connectCommander({ address: platform.outside.commands, token });
      const topics = ['acme.process.completed.handshake'];
      const address = platform.outside.events;
      consumer = zeromq.subscribeEvents({ address, topics }, async (event) => events.record(event));
    }
    const stored = await commander.send('scenario.store', { yaml: await readFile(HANDSHAKE, 'utf8') });
    scenario = (stored.body as { id: string }).id;
  });
  afterAll(async () => {
    await consumer.stop();
    await commander.close();
    await platform.stop();
    if (broker) {
      const connection = await connect(url);
      await (await connection.createChannel()).deleteQueue(queue);
      await connection.close();
      await broker.remove();
    }
  });

  const start = async (id?: string): Promise<string> => {
    const actors = { initiator: { id: 'alice' }, recipient: { id: 'alice' } };
    const options = id === undefined ? {} : { id };
    const { status, body } = await commander.send('process.start', { scenario, actors, action: 'greet' }, options);
    expect(status).toBe(201);
    return (body as { id: string }).id;
  };
  const finish = async (process: string): Promise<void> => {
    const { status } = await commander.send('process.step', { process, action: 'reply', actor: 'recipient' });
    expect(status).toBe(204);
  };
  const completed = (process: string): Promise<void> =>
    eventually(async () => expect(events.items.map(({ subject }) => subject)).toContain(process));

  it('starts a process, finishes it, and hears of that', async () => {
    // A ZeroMQ subscription takes a moment to arrive: something is finished until it is heard.
    await eventually(async () => {
      const process = await start();
      await finish(process);
      await completed(process);
    });
    const [event] = events.items;
    expect(event).toMatchObject({ type: 'process.completed', tenantid: 'acme', data: { state: '(done)' } });
  });

  it('does a command once under its id', async () => {
    const id = randomUUID();
    expect(await start(id)).toBe(await start(id));
  });

  it('throws what the platform refuses', async () => {
    const process = await start();
    await expect(commander.send('process.step', { process, action: 'greet' })).rejects.toMatchObject({
      name: 'ProblemError',
      code: 'step_refused',
      status: 400,
      reasons: ["Action 'greet' is not allowed in state 'greeted'"],
    });
    await expect(
      commander.send('process.step', { process, action: 'reply' }, { ifMatch: '"x"' }),
    ).rejects.toMatchObject({
      code: 'precondition_failed',
    });
  });

  it('asks for the process where it is wanted', async () => {
    const body = { process: await start(), action: 'reply', actor: 'recipient' };
    const answer = await commander.send('process.step', body, { representation: true });
    expect(answer).toMatchObject({ status: 200, body: { current: { key: '(done)' } } });
  });

  if (transport === 'amqp')
    it('finds in its queue what happened while it was away', async () => {
      await consumer.stop();
      const process = await start();
      await finish(process);
      consumer = await consume();
      await completed(process);
    });
});
