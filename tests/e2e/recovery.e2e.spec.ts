import { eventually } from '@handover/testkit';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPlatform, type Platform } from './src/platform.js';

const HANDSHAKE = resolve(import.meta.dirname, '../../deploy/examples/scenarios/handshake.yaml');

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

async function startHandshake(): Promise<string> {
  const body = await readFile(HANDSHAKE, 'utf8');
  const headers = { 'content-type': 'application/yaml' };
  const stored = (await (await platform.call('POST', '/scenarios', { as: 'admin', body, headers })).json()) as {
    id: string;
  };
  const actors = { initiator: { id: 'alice' }, recipient: { id: 'bob' } };
  const started = await platform.call('POST', '/processes', {
    as: 'alice',
    json: { scenario: stored.id, actors, action: 'greet' },
  });
  return ((await started.json()) as { id: string }).id;
}

const state = async (process: string): Promise<string> => {
  const answer = await platform.call('GET', `/processes/${process}`, { as: 'admin' });
  if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
  return ((await answer.json()) as { current: { key: string } }).current.key;
};

it('a killed engine comes back, and the process is where the last acknowledged step left it', async () => {
  const process = await startHandshake();
  globalThis.process.kill(await platform.pidOf('engine'), 'SIGKILL');

  await platform.launcher.line(/engine .* started again/);
  expect(await eventually(() => state(process), { withinMs: 20_000 })).toBe('greeted');
  expect((await platform.call('POST', `/processes/${process}/reply`, { as: 'bob' })).status).toBe(204);
  expect(await state(process)).toBe('(done)');
});

it('a workflow record whose time comes while the engine is dead is expired when it is back', async () => {
  const instance = '497f6eca-6276-4993-bfeb-53cbbbba6f08';
  const privileges = ['workflows:read', 'workflows:write'];
  const json = { name: 'agent', kind: 'proxy', instance, privileges };
  const { token } = (await (await platform.call('POST', '/apikey', { as: 'admin', json })).json()) as { token: string };
  const send = async (method: string, path: string, body?: object) => {
    const answer = await platform.call(method, `/internal/v1/instances/${instance}/workflows${path}`, {
      headers: { authorization: `Bearer ${token}` },
      ...(body && { json: body }),
    });
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
    return (await answer.json()) as { id: string; status: string; history: { action: string; by: string | null }[] };
  };
  const customer = { customer_id: instance, workflow_type: 'lead' };
  // The first record of a tenant brings its scenario along, which takes longer.
  await send('POST', '', customer);
  const pid = await platform.pidOf('engine');
  const { id } = await send('POST', '', { ...customer, expires_at: new Date(Date.now() + 700).toISOString() });
  globalThis.process.kill(pid, 'SIGKILL');

  const expired = await eventually(
    async () => {
      const record = await send('GET', `/${id}`);
      expect(record.status).toBe('expired');
      return record;
    },
    { withinMs: 20_000 },
  );
  expect(expired.history.map(({ action, by }) => [action, by])).toEqual([
    ['created', `agent:${instance}`],
    ['expired', null],
  ]);
});

it('a stopped platform starts again with all its data', async () => {
  const process = await startHandshake();
  await platform.restart();
  expect(await state(process)).toBe('greeted');
});
