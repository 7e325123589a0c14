import { eventually } from '@handover/testkit';
import { connect } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Request } from 'zeromq';
import { ownBroker, type Broker } from './src/broker.js';
import { startInProcess, type InProcess } from './src/in-process.js';
import { amqpOutsider, zeromqOutsider, type Outsider } from './src/outsiders.js';

/** The platform as a program in any language meets it: by the transport's own library and nothing of ours. */
const scenario = (version = '1.0') => `
title: Delivery
name: delivery
version: '${version}'
actors: { courier: {} }
actions:
  deliver: { actor: courier, update: result }
states:
  initial:
    on: deliver
    goto: (delivered)
`;

const TRANSPORTS = ['amqp', 'zeromq'] as const;

describe.each(TRANSPORTS)('an outsider over %s', (transport) => {
  let broker: Broker | undefined;
  let platform: InProcess;
  let outsider: Outsider;
  let token: string;
  let amqp: { url: string; prefix: string };

  beforeAll(async () => {
    if (transport === 'amqp') {
      broker = await ownBroker();
      amqp = { url: broker.env.AMQP_URL ?? '', prefix: broker.env.AMQP_PREFIX ?? '' };
      platform = await startInProcess({ amqp, engine: { COMMAND_BODY_LIMIT: '100000' } });
      outsider = await amqpOutsider(amqp.url, amqp.prefix);
    } else {
      platform = await startInProcess({ engine: { COMMAND_BODY_LIMIT: '100000' } });
      outsider = await zeromqOutsider(platform.outside);
    }
    const admin = await platform.jwt({ id: 'arnold', roles: ['admin'], tenant: 'acme' });
    const key = await platform.call('POST', '/apikey', {
      token: admin,
      json: { name: 'outsider', privileges: ['*'], service: 'van' },
    });
    ({ token } = (await key.json()) as { token: string });
    // A subscription takes a moment to arrive: something is announced until it is heard.
    await eventually(async () => {
      await outsider.ask({
        command: 'scenario.store',
        token,
        id: randomUUID(),
        body: {
          title: randomUUID(),
          states: { initial: { on: 'x', goto: '(done)' } },
          actions: { x: {} },
          actors: { actor: {} },
        },
      });
      expect(outsider.events.items).not.toEqual([]);
    });
  });
  afterAll(async () => {
    await outsider.close();
    await platform.stop();
    await broker?.remove();
  });

  const store = async (yaml = scenario()): Promise<string> => {
    const stored = await outsider.ask({
      command: 'scenario.store',
      token,
      body: yaml,
      contentType: 'application/yaml',
    });
    expect(stored).toMatchObject({ kind: 'ok', status: 201 });
    return (stored.body as { id: string }).id;
  };
  const letters = async (): Promise<{ reason: string; headers: Record<string, unknown> }[]> => {
    const connection = await connect(amqp.url);
    const channel = await connection.createChannel();
    const found: { reason: string; headers: Record<string, unknown> }[] = [];
    for (
      let letter = await channel.get(`${amqp.prefix}.dead`, { noAck: true });
      letter;
      letter = await channel.get(`${amqp.prefix}.dead`, { noAck: true })
    ) {
      const headers = letter.properties.headers ?? {};
      found.push({ reason: String(headers['x-dead-reason']), headers });
    }
    await connection.close();
    return found;
  };

  it('stores a scenario, starts a process, finishes it and hears of its completion', async () => {
    const stored = await store();
    const actors = { courier: { id: 'key' } };
    const started = await outsider.ask({
      command: 'process.start',
      token,
      id: randomUUID(),
      body: { scenario: stored, actors },
    });
    expect(started).toMatchObject({ kind: 'ok', status: 201, body: { isRunning: true } });
    const { id: process } = started.body as { id: string };
    expect(started.headers).toMatchObject({
      location: `/processes/${process}`,
      etag: expect.stringMatching(/^"\w+"$/) as string,
    });

    const body = { process, action: 'deliver', actor: 'courier', response: { to: 'ann' } };
    const stepped = await outsider.ask({ command: 'process.step', token, id: randomUUID(), body });
    expect(stepped).toMatchObject({ kind: 'ok', status: 204, body: undefined });

    const completed = await outsider.event(({ type, subject }) => type === 'process.completed' && subject === process);
    expect(completed).toMatchObject({
      specversion: '1.0',
      tenantid: 'acme',
      data: {
        result: { to: 'ann' },
        state: '(delivered)',
        tags: ['(delivered)'],
        actors: ['courier'],
        durationMs: expect.any(Number) as number,
      },
    });
    const topics = outsider.events.items.filter(([, { subject }]) => subject === process).map(([topic]) => topic);
    expect(topics).toEqual(['started', 'stepped', 'completed'].map((what) => `acme.process.${what}.delivery`));
  });

  it('hears of keys that are issued and revoked, and nothing of their tokens', async () => {
    const admin = await platform.jwt({ id: 'arnold', roles: ['admin'], tenant: 'acme' });
    const json = { name: 'short-lived', privileges: ['process:read'] };
    const issued = await platform.call('POST', '/apikey', { token: admin, json });
    const { id, token: secret } = (await issued.json()) as { id: string; token: string };
    for (let n = 0; n < 2; n++) await platform.call('DELETE', `/apikey/${id}`, { token: admin });
    await outsider.event(({ type, subject }) => type === 'apikey.revoked' && subject === id);
    const heard = outsider.events.items.filter(([, { subject }]) => subject === id);
    expect(heard.map(([topic]) => topic)).toEqual(['acme.apikey.issued.-', 'acme.apikey.revoked.-']);
    expect(heard[0]?.[1]).toMatchObject({ source: 'handover/auth', data: { ...json, key: id, by: 'arnold' } });
    expect(JSON.stringify(heard)).not.toContain(secret);
  });

  it('who sends the same command again gets the first answer again', async () => {
    const [stored, id] = [await store(), randomUUID()];
    const command = { command: 'process.start', token, id, body: { scenario: stored } };
    const first = await outsider.ask(command);
    expect(await outsider.ask(command)).toMatchObject({ status: 201, body: first.body });
    const other = await outsider.ask({ ...command, body: { scenario: stored, actors: { courier: { id: 'x' } } } });
    expect(other).toMatchObject({ kind: 'problem', status: 422, body: { code: 'idempotency_mismatch' } });
  });

  it('hears of scenarios that are stored and disabled, and of nothing when nothing changes', async () => {
    const id = await store(scenario(randomUUID()));
    await outsider.ask({
      command: 'scenario.store',
      token,
      body: scenario(randomUUID()),
      contentType: 'text/yaml',
    });
    const disable = { command: 'scenario.disable', token, body: { scenario: id } };
    expect(await outsider.ask(disable)).toMatchObject({ kind: 'ok', status: 204 });
    expect(await outsider.ask(disable)).toMatchObject({ kind: 'ok', status: 204 });
    await outsider.event(({ type, subject }) => type === 'scenario.disabled' && subject === id);
    const of = outsider.events.items.filter(([, { subject }]) => subject === id).map(([topic]) => topic);
    expect(of).toEqual(['acme.scenario.stored.delivery', 'acme.scenario.disabled.delivery']);
    const start = { command: 'process.start', token, id: randomUUID(), body: { scenario: id } };
    expect(await outsider.ask(start)).toMatchObject({ status: 400, body: { code: 'scenario_disabled' } });
  });

  it.each([
    [
      'of an unknown name',
      () => ({ command: transport === 'amqp' ? 'process.step' : 'process.explode', headers: {}, body: {} }),
      400,
      undefined,
    ],
    [
      'without a token',
      () => ({ command: 'process.step', token: undefined, body: { process: 'p', action: 'a' } }),
      401,
      'unauthenticated',
    ],
    [
      'with a token nobody issued',
      () => ({ command: 'process.step', token: 'nonsense', body: { process: 'p', action: 'a' } }),
      401,
      'unauthenticated',
    ],
    [
      'without an id, where it must have one',
      () => ({ command: 'process.start', body: { scenario: 's' } }),
      400,
      'invalid_request',
    ],
    ['with members missing', () => ({ command: 'process.step', body: { action: 7 } }), 400, 'invalid_request'],
    [
      'that reaches into prototypes',
      () => ({ command: 'process.step', body: JSON.parse('{"__proto__": {"a": 1}}') as unknown }),
      400,
      'malformed_body',
    ],
    [
      'in another language',
      () => ({ command: 'process.step', contentType: 'text/csv', body: 'a,b' }),
      415,
      'unsupported_media_type',
    ],
    [
      'that is too large',
      () => ({ command: 'process.step', body: { process: 'x'.repeat(100_001), action: 'a' } }),
      413,
      'body_too_large',
    ],
    [
      'about a process that does not exist',
      () => ({ command: 'process.step', body: { process: randomUUID(), action: 'a' } }),
      404,
      'process_not_found',
    ],
  ])('is told what is wrong with a command %s', async (_, command, status, code) => {
    const reply = await outsider.ask({ token, id: undefined, ...command() });
    expect(reply).toMatchObject({ kind: 'problem', status, body: { status, ...(code !== undefined && { code }) } });
    expect(reply.headers).toMatchObject({ status });
  });

  if (transport === 'amqp') {
    it('finds what was rejected among the dead letters, with the reason, and never the token', async () => {
      await letters();
      await outsider.ask({
        command: 'process.step',
        token,
        id: 'poison',
        body: { process: randomUUID(), action: 'a' },
      });
      const [letter] = await eventually(async () => {
        const found = await letters();
        expect(found).toHaveLength(1);
        return found;
      });
      expect(letter?.reason).toBe('process_not_found: Process not found');
      expect(JSON.stringify(letter)).not.toContain(token);
    });
  }

  if (transport === 'amqp') {
    it('who waits for no reply hears of a rejection as an event; nobody does of a stranger’s', async () => {
      await outsider.tell({
        command: 'process.step',
        token: 'nonsense',
        id: 'stranger',
        body: { process: 'p', action: 'a' },
      });
      await outsider.tell({ command: 'process.step', token, id: 'mine', body: { process: randomUUID(), action: 'a' } });
      const rejected = await outsider.event(({ type }) => type === 'command.rejected');
      expect(rejected).toMatchObject({
        subject: 'mine',
        tenantid: 'acme',
        data: { command: 'process.step', messageId: 'mine', code: 'process_not_found', status: 404 },
      });
      expect(outsider.events.items.at(-1)?.[0]).toBe('acme.command.rejected.-');
    });
  }

  if (transport === 'amqp') {
    it('cannot have a reply written into a queue of the platform', async () => {
      await letters();
      const connection = await connect(amqp.url);
      const channel = await connection.createConfirmChannel();
      const replyTo = `${amqp.prefix}.notifier.webhooks`;
      const headers = { authorization: `Bearer ${token}` };
      channel.publish(`${amqp.prefix}.commands`, 'process.step', Buffer.from('{}'), { replyTo, headers });
      await channel.waitForConfirms();
      await connection.close();
      await eventually(async () =>
        expect((await letters()).map(({ reason }) => reason)).toEqual([
          expect.stringContaining('reply-to names a queue of the platform'),
        ]),
      );
    });
  }

  if (transport === 'zeromq') {
    it('may use a REQ socket, with its empty frame', async () => {
      const socket = new Request({ linger: 0, receiveTimeout: 10_000 });
      socket.connect(platform.outside.commands);
      await socket.send(
        JSON.stringify({
          command: 'scenario.store',
          authorization: `Bearer ${token}`,
          'content-type': 'application/yaml',
          body: scenario(),
        }),
      );
      const [frame] = await socket.receive();
      expect(JSON.parse(String(frame))).toMatchObject({
        reply: 'ok',
        status: 201,
        location: expect.stringMatching(/^\/scenarios\//) as string,
      });
      await socket.send('this is not JSON');
      expect(JSON.parse(String((await socket.receive())[0]))).toMatchObject({
        reply: 'problem',
        status: 400,
        body: { code: 'malformed_body' },
      });
      socket.close();
    });
  }
});
