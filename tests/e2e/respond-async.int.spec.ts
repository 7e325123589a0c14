import { createClient, type Client } from '@handover/client';
import { eventually } from '@handover/testkit';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownBroker, type Broker } from './src/broker.js';
import { startInProcess, type InProcess } from './src/in-process.js';

const SCENARIO = {
  title: 'Errand',
  actors: { courier: {} },
  actions: { deliver: { actor: 'courier', update: 'result' } },
  states: { initial: { on: 'deliver', goto: '(delivered)' } },
  result: {},
};
const actors = { courier: { id: 'ann' } };
const LATER = { Prefer: 'respond-async' } as const;

/** `Prefer: respond-async`: accepted at the door, carried out behind it, and its status told to its sender. */
describe.each(['amqp', 'zeromq'] as const)('a command that is left to be carried out, over %s', (transport) => {
  let broker: Broker | undefined;
  let platform: InProcess;
  let admin: string;
  let ann: string;
  let api: Client;
  let scenario: string;

  beforeAll(async () => {
    if (transport === 'amqp') {
      broker = await ownBroker();
      const { AMQP_URL: url = '', AMQP_PREFIX: prefix = '' } = broker.env;
      platform = await startInProcess({ amqp: { url, prefix } });
    } else {
      platform = await startInProcess();
    }
    admin = await platform.jwt({ id: 'arnold', roles: ['admin'], tenant: 'acme' });
    ann = await platform.jwt({ id: 'ann', roles: ['admin'], tenant: 'acme' });
    api = createClient({ url: platform.urls[0] ?? '', token: ann });
    const stored = await api.scenarios.store({ body: { media: 'application/json', value: SCENARIO } });
    scenario = stored.body.id;
  });
  afterAll(async () => {
    await platform.stop();
    await broker?.remove();
  });

  const ended = (id: string) =>
    eventually(async () => {
      const { body } = await api.commands.read({ params: { id } });
      expect(body.status).not.toBe('pending');
      return body;
    });

  it('starts a process and finishes it', async () => {
    const accepted = await api.processes.start({ body: { scenario, actors }, headers: LATER });
    expect(accepted).toMatchObject({
      status: 202,
      body: { type: 'process.start' },
      headers: { Location: `/commands/${accepted.body.id}`, 'Preference-Applied': 'respond-async' },
    });

    const started = await ended(accepted.body.id);
    expect(started).toMatchObject({ status: 'done', answer: { status: 201, body: { isRunning: true } } });
    const process = (started.answer?.body as { id: string }).id;
    expect(started.answer?.headers).toMatchObject({ location: `/processes/${process}` });

    const params = { id: process, action: 'deliver' };
    const body = { media: 'application/json', value: { to: 'bob' } } as const;
    const stepped = await api.processes.step({ params, body, headers: LATER });
    expect(await ended(stepped.body.id)).toMatchObject({ status: 'done', answer: { status: 204 } });
    const { body: finished } = await api.processes.read({ params: { id: process } });
    expect(finished).toMatchObject({ isRunning: false, result: { to: 'bob' } });
  });

  it('stores a scenario and disables it', async () => {
    const value = { ...SCENARIO, title: randomUUID() };
    const stored = await api.scenarios.store({ body: { media: 'application/json', value }, headers: LATER });
    const { answer } = await ended(stored.body.id);
    expect(answer).toMatchObject({ status: 201, body: { warnings: [] } });
    const { id } = answer?.body as { id: string };

    const disabled = await api.scenarios.disable({ params: { id }, headers: LATER });
    expect(await ended(disabled.body.id)).toMatchObject({ status: 'done', answer: { status: 204 } });
    expect((await platform.call('GET', `/scenarios/${id}`, { token: ann })).headers.get('x-disabled')).toBe('true');
  });

  it('is the same command under the same key, and is refused under the key of another', async () => {
    const headers = { ...LATER, 'Idempotency-Key': randomUUID() };
    const first = await api.processes.start({ body: { scenario, actors }, headers });
    const again = await api.processes.start({ body: { scenario, actors }, headers });
    expect(again.body.id).toBe(first.body.id);
    const { answer } = await ended(first.body.id);
    const now = await api.processes.start({
      body: { scenario, actors },
      headers: { 'Idempotency-Key': headers['Idempotency-Key'] },
    });
    expect(now.body.id).toBe((answer?.body as { id: string }).id);
    const other = api.processes.start({ body: { scenario }, headers });
    await expect(other).rejects.toMatchObject({ code: 'idempotency_mismatch', status: 422 });
  });

  it('is rejected with the reason, and is nobody else’s business', async () => {
    const key = await api.apiKeys.issue({ body: { name: 'weak', privileges: ['process:start'] } });
    const weak = createClient({ url: platform.urls[0] ?? '', token: key.body.token });
    const { body } = await weak.scenarios.disable({ params: { id: scenario }, headers: LATER });
    const rejected = await ended(body.id);
    expect(rejected).toMatchObject({ status: 'rejected', problem: { status: 403, code: 'forbidden' } });
    await expect(weak.commands.read({ params: { id: body.id } })).resolves.toMatchObject({ body: rejected });

    const mine = await api.processes.start({ body: { scenario, actors }, headers: LATER });
    await expect(weak.commands.read({ params: { id: mine.body.id } })).rejects.toMatchObject({
      code: 'command_not_found',
      status: 404,
    });
    await ended(mine.body.id);
  });

  it('asks nothing of who does not ask for it', async () => {
    const options = { token: admin, json: { scenario, actors }, headers: { Prefer: 'return=minimal' } };
    expect((await platform.call('POST', '/processes', options)).status).toBe(201);
  });
});
