import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from './receiver.js';

let receiver: Receiver;

beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const post = (body: string, path = '/') =>
  fetch(`${receiver.url}${path}`, { method: 'POST', body, headers: { 'webhook-id': 'msg_1' } });

describe('a receiver', () => {
  it('records what it gets, byte for byte', async () => {
    await post('{"a": "é"}', '/hook?x=1');
    expect(receiver.requests).toEqual([
      expect.objectContaining({ method: 'POST', path: '/hook?x=1', body: '{"a": "é"}' }),
    ]);
    expect(receiver.requests[0]?.headers).toMatchObject({ 'webhook-id': 'msg_1' });
  });

  it('answers by its script and repeats the last answer', async () => {
    receiver.answer(500, { status: 302, headers: { location: '/elsewhere' } }, 204);
    const statuses = [];
    for (const body of ['1', '2', '3', '4']) {
      const response = await fetch(receiver.url, { method: 'POST', body, redirect: 'manual' });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([500, 302, 204, 204]);
  });

  it('lets a test wait for a request', async () => {
    const [second, fitting] = [receiver.request(2), receiver.requestThat(({ body }) => body === 'b')];
    await post('a');
    await post('b');
    expect((await second).body).toBe('b');
    expect(await fitting).toBe(await second);
  });

  it('can break the connection, and can stay silent until it is closed', async () => {
    receiver.answer('reset', 'hang');
    await expect(post('')).rejects.toThrow('fetch failed');
    const silent = post('').catch((error: unknown) => String(error));
    await receiver.request(2);
    await Promise.all([receiver.close(), receiver.close()]);
    expect(await silent).toContain('fetch failed');
  });
});
