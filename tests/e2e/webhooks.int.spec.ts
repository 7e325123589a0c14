import { eventually, startReceiver, type Receiver } from '@handover/testkit';
import { compactVerify, createRemoteJWKSet } from 'jose';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInProcess, type InProcess } from './src/in-process.js';

let platform: InProcess;
let admin: string;
let receiver: Receiver;

beforeAll(async () => {
  platform = await startInProcess();
  receiver = await startReceiver();
  admin = await platform.jwt({ id: 'arnold', roles: ['admin'], tenant: 'acme' });
});
afterAll(async () => {
  await receiver.close();
  await platform.stop();
});

const call = async (method: string, path: string, json?: unknown) => {
  const answer = await platform.call(method, path, { token: admin, json });
  return (await answer.json()) as Record<string, unknown>;
};

/** A process that is done as soon as it begins. */
async function complete(title = 'Done at once'): Promise<void> {
  const scenario = {
    title,
    actors: { user: {} },
    actions: { go: { actor: 'user' } },
    states: { initial: { on: 'go', goto: '(done)' } },
  };
  const { id } = await call('POST', '/scenarios', scenario);
  await call('POST', '/processes', { scenario: id, actors: { user: { id: 'arnold' } }, action: 'go' });
}

describe('a webhook', () => {
  it('signed by a JWS is verified with nothing but the address of the platform', async () => {
    const events = ['process.completed'];
    const { secret } = await call('POST', '/webhooks', { url: receiver.url, events, signing: 'jws' });
    await complete();
    const { body, headers } = await receiver.request(1);

    const [header, , signature] = headers['jws-signature']?.split('.') ?? [];
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', platform.urls[0]));
    const payload = Buffer.from(body).toString('base64url');
    const verified = await compactVerify(`${header}.${payload}.${signature}`, keys, { algorithms: ['RS256'] });

    expect(verified.protectedHeader).toMatchObject({ id: headers['webhook-id'] });
    expect(new Webhook(String(secret)).verify(body, headers)).toMatchObject({ type: 'process.completed' });
  });

  it('is tried by a ping, whose delivery tells how it went', async () => {
    const headers = { Authorization: 'Bearer s3cret' };
    const { id, ...shown } = await call('POST', '/webhooks', { url: receiver.url, events: ['scenario.*'], headers });
    expect(shown).toMatchObject({ headers: { Authorization: '***' }, signing: 'v1' });
    const { delivery } = await call('POST', `/webhooks/${String(id)}/ping`);
    const pinged = await receiver.requestThat((request) => request.headers['webhook-id'] === delivery);
    expect(pinged.headers.authorization).toBe('Bearer s3cret');
    await eventually(async () =>
      expect(await call('GET', `/deliveries/${String(delivery)}`)).toMatchObject({
        status: 'delivered',
        event: 'webhook.ping',
        webhook: id,
        body: pinged.body,
        log: [{ number: 1, status: 200 }],
      }),
    );
  });

  it('cannot have headers that are the platform’s, and is told which', async () => {
    const json = { url: receiver.url, events: ['*'], headers: { 'X-Ok': '1', Host: 'inner', 'webhook-id': 'x' } };
    const refused = await platform.call('POST', '/webhooks', { token: admin, json });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '/headers/Host' }, { pointer: '/headers/webhook-id' }],
    });
  });

  it('hears of scenarios and API keys too, when it asks for everything', async () => {
    const everything = await startReceiver();
    try {
      await call('POST', '/webhooks', { url: everything.url, events: ['*'] });
      await complete('Stored anew');
      await call('POST', '/apikey', { name: 'robot', privileges: ['process:read'] });
      const types = ['scenario.stored', 'process.started', 'process.completed', 'apikey.issued'];
      await Promise.all(types.map((type) => everything.requestThat(({ body }) => body.includes(`"type":"${type}"`))));
    } finally {
      await everything.close();
    }
  });

  it('has its public keys published for anybody, to be kept for a while', async () => {
    const answer = await platform.call('GET', '/.well-known/jwks.json');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
    expect(JSON.stringify(await answer.json())).not.toContain('"d"');
  });
});
