import {
  MAX_TOKEN_LENGTH,
  PRINCIPAL_AUDIENCE,
  PRINCIPAL_ISSUER,
  exchangeToken,
  getProcess,
  getSigningKeys,
  listApiKeys,
  listScenarios,
  stepProcess,
  type ApiKey,
} from '@handover/contracts';
import { createLogger } from '@handover/runtime';
import { eventually } from '@handover/testkit';
import { SignJWT, UnsecuredJWT, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asCaller, ROLES } from './src/authorisation/callers.js';
import { BODIES, GUARDED } from './src/authorisation/messages.js';
import { watchedBus } from './src/authorisation/watched-bus.js';
import { createWorld, type World } from './src/authorisation/world.js';
import { startInProcess, type InProcess } from './src/in-process.js';

const logged: string[] = [];
const exchanges: string[] = [];
let broadcasts = true;
let platform: InProcess;
let world: World;

beforeAll(async () => {
  platform = await startInProcess({
    auth: { AUTH_ROLES: JSON.stringify(ROLES), LAST_USED_INTERVAL_MS: '50' },
    gateway: { AUTH_FAILURES_PER_MINUTE: '1000' },
    gateways: 2,
    log: createLogger('test', 'info', { write: (line) => void logged.push(line) }),
    wire: (service, bus) => (service === 'auth' ? watchedBus(bus, exchanges, () => !broadcasts) : bus),
  });
  world = await createWorld(platform);
});
afterAll(() => platform.stop());

async function newKey(body: Record<string, unknown> = {}): Promise<ApiKey> {
  const json = { name: 'a key', privileges: ['scenario:read', 'process:step'], ...body };
  const issued = await platform.call('POST', '/apikey', { token: world.admin, json });
  expect(issued.status).toBe(201);
  return (await issued.json()) as ApiKey;
}
const statusOf = async (token: string, at = 0): Promise<number> => {
  const { status, body } = await platform.call('GET', '/scenarios', { token, at });
  await body?.cancel();
  return status;
};
const revoke = (id: string) => platform.call('DELETE', `/apikey/${id}`, { token: world.admin });

/** Principals nobody should believe. */
async function forgedPrincipals() {
  const principal = { tenant: 'acme', kind: 'user', id: 'mallory', info: {}, roles: [], privileges: ['*'] };
  const { privateKey } = await generateKeyPair('EdDSA');
  const { keys } = await platform.ask(getSigningKeys, {});
  const kid = String(keys[0]?.kid);
  const claims = () =>
    new SignJWT({ principal }).setIssuer(PRINCIPAL_ISSUER).setAudience(PRINCIPAL_AUDIENCE).setExpirationTime('5m');
  // The published half of the real key, used as a secret: the classic confusion of algorithms.
  const published = new TextEncoder().encode(String(keys[0]?.x));
  return [
    await claims().setProtectedHeader({ alg: 'EdDSA', kid }).sign(privateKey),
    await claims().setProtectedHeader({ alg: 'EdDSA', kid: 'unknown' }).sign(privateKey),
    await claims().setProtectedHeader({ alg: 'HS256', kid }).sign(published),
    new UnsecuredJWT({ principal }).setIssuer(PRINCIPAL_ISSUER).setAudience(PRINCIPAL_AUDIENCE).encode(),
    JSON.stringify(principal),
  ];
}

describe('a message that goes around the gateway', () => {
  it('is one of those with a body to try', () => {
    expect(GUARDED.map(({ type }) => type).sort()).toEqual(Object.keys(BODIES).sort());
  });

  it.each(GUARDED.map((contract) => [contract.type, contract] as const))(
    '%s is carried out for nobody whose principal auth did not sign',
    async (type, contract) => {
      const tenant = 'acme';
      for (const principal of [undefined, '', ...(await forgedPrincipals())]) {
        const headers = principal === undefined ? { tenant } : { tenant, principal };
        const asked = platform.ask(contract, BODIES[type], headers);
        await expect(asked).rejects.toMatchObject({ code: 'unauthenticated' });
      }
    },
  );

  it('belongs to the tenant of its principal, whatever its headers say', async () => {
    const { signed } = await platform.ask(exchangeToken, { token: world.rival });
    const asked = platform.ask(getProcess, { id: world.process }, { principal: signed, tenant: 'acme' });
    await expect(asked).rejects.toMatchObject({ code: 'process_not_found' });
  });

  it('may bring its own token, which is exchanged as at the gateway', async () => {
    const { token, id } = await newKey({ service: 'bank' });
    const step = { process: world.process, action: 'go', representation: false };
    const before = exchanges.length;
    for (let n = 0; n < 5; n++) await platform.ask(stepProcess, step, { authorization: `Bearer ${token}` });
    expect(exchanges.length - before).toBe(1);
    const { process } = await asCaller(platform, world.admin, getProcess, { id: world.process });
    expect((process.events as unknown[]).at(-1)).toMatchObject({ actor: { key: 'service:bank', apikey: id } });
    await revoke(id);
    const refused = platform.ask(stepProcess, step, { authorization: `Bearer ${token}` });
    await expect(refused).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('with a token that is too long is refused without asking anybody', async () => {
    const before = exchanges.length;
    const list = (length: number) => platform.ask(listScenarios, {}, { authorization: `Bearer ${'x'.repeat(length)}` });
    await expect(list(MAX_TOKEN_LENGTH + 1)).rejects.toMatchObject({ code: 'unauthenticated' });
    // A mebibyte does not even leave the sender's bus.
    await expect(list(1_048_576)).rejects.toThrow();
    expect(exchanges.length).toBe(before);
  });
});

describe('a request', () => {
  it('with a token of a mebibyte is refused at the door', async () => {
    const before = exchanges.length;
    expect([400, 401, 413, 431]).toContain(await statusOf('x'.repeat(1_048_576)));
    expect(exchanges.length).toBe(before);
  });

  it('never lets a key act as somebody it is not', async () => {
    const { token } = await newKey({ service: 'bank', privileges: ['process:step'] });
    const step = (actor: string) =>
      platform.call('POST', `/processes/${world.process}/go`, { token, headers: { 'as-actor': actor } });
    expect((await step('boss')).status).toBe(403);
    expect((await step('service:mail')).status).toBe(403);
    expect((await step('service:bank')).status).toBe(204);
  });

  it('of a key that may do all acts as any actor it names; of a user who may, only as their own', async () => {
    const { token } = await newKey({ privileges: ['*'] });
    const step = (by: string) =>
      platform.call('POST', `/processes/${world.process}/go`, { token: by, headers: { 'as-actor': 'boss' } });
    expect((await step(token)).status).toBe(204);
    expect((await step(world.admin)).status).toBe(403);
  });
});

describe('a revoked key', () => {
  const inUse = async (): Promise<ApiKey> => {
    const key = await newKey();
    for (const at of [0, 1]) expect(await statusOf(key.token, at)).toBe(200);
    return key;
  };

  it('is refused at once by every gateway, and by the engine when its principal is still good', async () => {
    const { id, token } = await inUse();
    const { signed } = await platform.ask(exchangeToken, { token });
    await platform.ask(listScenarios, {}, { principal: signed });
    expect((await revoke(id)).status).toBe(204);
    const within = { withinMs: 1_000 };
    await eventually(
      async () => expect([await statusOf(token, 0), await statusOf(token, 1)]).toEqual([401, 401]),
      within,
    );
    await eventually(
      () =>
        expect(platform.ask(listScenarios, {}, { principal: signed })).rejects.toMatchObject({
          code: 'unauthenticated',
        }),
      within,
    );
  });

  it('is refused within five seconds when the broadcast is lost', async () => {
    const { id, token } = await inUse();
    broadcasts = false;
    await revoke(id).finally(() => (broadcasts = true));
    const revokedAt = performance.now();
    await eventually(async () => expect([await statusOf(token, 0), await statusOf(token, 1)]).toEqual([401, 401]));
    expect(performance.now() - revokedAt).toBeLessThan(5_500);
  });
});

describe('a thousand requests with one key', () => {
  it('cost auth a handful of exchanges, and leave the last use on record', async () => {
    const { id, token } = await newKey();
    const before = exchanges.length;
    const started = Date.now();
    for (let batch = 0; batch < 20; batch++) {
      const statuses = await Promise.all(Array.from({ length: 50 }, (_, n) => statusOf(token, n % 2)));
      expect(new Set(statuses)).toEqual(new Set([200]));
    }
    expect(exchanges.length - before).toBeLessThanOrEqual(4);
    await eventually(async () => {
      const { keys } = await asCaller(platform, world.admin, listApiKeys, {});
      const lastUsed = Date.parse(keys.find((key) => key.id === id)?.lastUsed ?? '');
      expect(lastUsed).toBeGreaterThanOrEqual(started);
      expect(Date.now() - lastUsed).toBeLessThan(60_000);
    });
  });
});

describe('the log', () => {
  it('holds no token of all that went by', () => {
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.join('')).not.toMatch(/lfl_[0-9A-Za-z]{8}|eyJ[\w-]+\.eyJ/);
  });
});
