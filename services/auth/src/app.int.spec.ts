import { createBus, type Bus } from '@handover/bus';
import { TOPOLOGY, exchangeToken, getSigningKeys, listDemoAccounts } from '@handover/contracts';
import { migrate } from '@handover/database';
import { ask, createLogger, createPrincipalVerifier, type RunningService } from '@handover/runtime';
import { createTestDatabase, type TestDatabase } from '@handover/testkit';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAuth } from './app.js';
import { authConfig } from './config.js';
import { migrations } from './migrations/index.js';

const log = createLogger('test', 'silent');
let database: TestDatabase<'auth'>;
let folder: string;
let auth: RunningService;
let server: Bus;
let client: Bus;

beforeAll(async () => {
  database = await createTestDatabase({ services: ['auth'] });
  await migrate({ url: database.services.auth.ownerUrl, schema: 'auth', migrations });
  folder = await mkdtemp(join(tmpdir(), 'handover-auth-'));
  const endpoints = { auth: `ipc://${folder}/auth.sock`, engine: `ipc://${folder}/engine.sock` };
  const connect = async (service: string): Promise<Bus> => {
    const bus = createBus({ transport: 'zeromq', service, endpoints, topology: TOPOLOGY, logger: log });
    await bus.start();
    return bus;
  };
  server = await connect('auth');
  client = await connect('engine');
  const config = authConfig.parse({
    NODE_ENV: 'development',
    DATABASE_URL: database.services.auth.runtimeUrl,
    JWT_SECRET: 'a secret of the tests',
    DEMO_ACCOUNTS: 'true',
  });
  auth = await startAuth(config, { bus: server, log });
});

afterAll(async () => {
  await client.stop();
  await auth.stop();
  await server.stop();
  await database.drop();
  await rm(folder, { recursive: true });
});

async function tokenOf(id: string): Promise<string> {
  const { accounts } = await ask(client, listDemoAccounts, {});
  return accounts.find((account) => account.id === id)?.token ?? '';
}

describe('the exchange of a token', () => {
  it('gives a signed principal that others verify by the published keys alone', async () => {
    const { signed, principal, expiresAt } = await ask(client, exchangeToken, { token: await tokenOf('bob') });

    expect(principal).toEqual({
      tenant: 'default',
      kind: 'user',
      id: 'bob',
      info: { name: 'Bob' },
      roles: ['management'],
      privileges: ['process:start', 'process:step'],
    });
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
    expect(await createPrincipalVerifier(client).verify(signed)).toEqual(principal);
  });

  it('cannot be forged: a changed or missing signature is refused', async () => {
    const verifier = createPrincipalVerifier(client);
    const { signed } = await ask(client, exchangeToken, { token: await tokenOf('david') });
    const [header = '', payload = '', signature = ''] = signed.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { principal: { privileges: string[] } };
    claims.principal.privileges = ['*'];
    const forged = Buffer.from(JSON.stringify(claims)).toString('base64url');
    for (const attempt of [`${header}.${forged}.${signature}`, `${header}.${payload}.`, undefined, 'nonsense']) {
      await expect(verifier.verify(attempt)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });

  it('refuses what is no token of ours', async () => {
    await expect(ask(client, exchangeToken, { token: 'a.b.c' })).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(ask(client, exchangeToken, { token: null })).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('signing keys', () => {
  it('are published without their private half', async () => {
    const { keys } = await ask(client, getSigningKeys, {});
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(key).toEqual(expect.not.objectContaining({ d: expect.anything() }));
  });
});
