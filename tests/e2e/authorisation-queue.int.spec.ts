import {
  COMMANDS,
  PRINCIPAL_AUDIENCE,
  PRINCIPAL_ISSUER,
  exchangeToken,
  getSigningKeys,
  issueApiKey,
  revokeApiKey,
} from '@handover/contracts';
import { eventually } from '@handover/testkit';
import { createLogger } from '@handover/runtime';
import { SignJWT, UnsecuredJWT, generateKeyPair } from 'jose';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES, asCaller, callers, type Caller } from './src/authorisation/callers.js';
import { COMMAND_ENTRIES } from './src/authorisation/commands.js';
import { watchedBus } from './src/authorisation/watched-bus.js';
import { createWorld, type World } from './src/authorisation/world.js';
import { JWT_SECRET, startInProcess, type InProcess } from './src/in-process.js';
import { zeromqOutsider, type Outsider } from './src/outsiders.js';

/** Who may do what by a message, and those who try what they may not. */
const AUDIENCE = 'handover-tests';
const logged: string[] = [];
const exchanges: string[] = [];
let platform: InProcess;
let world: World;
let everybody: Caller[];
let outsider: Outsider;

beforeAll(async () => {
  platform = await startInProcess({
    auth: { AUTH_ROLES: JSON.stringify(ROLES) },
    log: createLogger('test', 'info', { write: (line) => void logged.push(line) }),
    wire: (service, bus) => (service === 'auth' ? watchedBus(bus, exchanges) : bus),
  });
  world = await createWorld(platform);
  everybody = await callers(platform, world);
  outsider = await zeromqOutsider(platform.outside);
});
afterAll(async () => {
  await outsider.close();
  await platform.stop();
});

const ask = (command: string, body: unknown, token: string | undefined, headers = {}) =>
  outsider.ask({ command, token, id: randomUUID(), body, headers });
const step = (token: string | undefined, headers = {}) =>
  ask('process.step', { process: world.process, action: 'go' }, token, headers);
const jwt = (claims: Record<string, unknown>) =>
  new SignJWT({ id: 'ann', roles: ['admin'], tenant: 'acme', ...claims }).setExpirationTime('1h');
const secret = new TextEncoder().encode(JWT_SECRET);

describe('every command', () => {
  it('is in the table, and every entry of the table is a command', () => {
    expect(Object.keys(COMMAND_ENTRIES).sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
  });

  it.each(Object.entries(COMMAND_ENTRIES))('%s is for those it is for, and for nobody else', async (name, entry) => {
    const answers: Record<string, number> = {};
    for (const { name: who, token } of everybody) answers[who] = (await ask(name, entry.body(world), token)).status;
    const expected = everybody.map((caller) => [caller.name, caller.isKnown ? entry.status(caller) : 401]);
    expect(answers).toEqual(Object.fromEntries(expected));
  });
});

describe('a command', () => {
  it('with a principal auth did not sign is nobody’s', async () => {
    const principal = { tenant: 'acme', kind: 'user', id: 'mallory', info: {}, roles: [], privileges: ['*'] };
    const { keys } = await platform.ask(getSigningKeys, {});
    const kid = String(keys[0]?.kid);
    const { privateKey } = await generateKeyPair('EdDSA');
    const claims = () =>
      new SignJWT({ principal }).setIssuer(PRINCIPAL_ISSUER).setAudience(PRINCIPAL_AUDIENCE).setExpirationTime('5m');
    const forged = [
      '',
      JSON.stringify(principal),
      new UnsecuredJWT({ principal }).setIssuer(PRINCIPAL_ISSUER).setAudience(PRINCIPAL_AUDIENCE).encode(),
      await claims().setProtectedHeader({ alg: 'EdDSA', kid }).sign(privateKey),
      // The published half of the real key, used as a secret: the classic confusion of algorithms.
      await claims()
        .setProtectedHeader({ alg: 'HS256', kid })
        .sign(new TextEncoder().encode(String(keys[0]?.x))),
    ];
    for (const one of forged) expect((await step(undefined, { principal: one })).status).toBe(401);
    // Beside a good token, too: a proof that is none is not passed over.
    expect((await step(world.admin, { principal: forged[3] })).status).toBe(401);
  });

  it('belongs to the tenant of its token or principal, whatever its headers say', async () => {
    const { signed } = await platform.ask(exchangeToken, { token: world.rival });
    const theirs = await step(undefined, { principal: signed, tenant: 'acme' });
    expect(theirs).toMatchObject({ status: 404, body: { code: 'process_not_found' } });
    expect((await step(world.rival, { tenant: 'acme' })).status).toBe(404);
  });

  it.each([
    ['without an algorithm', async () => new UnsecuredJWT({ id: 'ann', roles: ['admin'], tenant: 'acme' }).encode()],
    [
      'signed with another secret',
      () =>
        jwt({}).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode('another secret of somebody else')),
    ],
    [
      'signed by HS256 with the published key',
      async () => {
        const { keys } = await platform.ask(getSigningKeys, {});
        return jwt({})
          .setProtectedHeader({ alg: 'HS256' })
          .sign(new TextEncoder().encode(JSON.stringify(keys[0])));
      },
    ],
    ['that is not good yet', () => jwt({}).setNotBefore('10m').setProtectedHeader({ alg: 'HS256' }).sign(secret)],
  ])('with a token %s is nobody’s', async (_, token) => {
    expect(await step(await token())).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it('with a token for another audience is nobody’s', async () => {
    const other = await startInProcess({ auth: { JWT_AUDIENCE: AUDIENCE } });
    const client = await zeromqOutsider(other.outside);
    try {
      const disable = async (aud: string) => {
        const token = await jwt({}).setAudience(aud).setProtectedHeader({ alg: 'HS256' }).sign(secret);
        return client.ask({ command: 'scenario.disable', token, id: randomUUID(), body: { scenario: randomUUID() } });
      };
      expect((await disable('somebody-else')).status).toBe(401);
      expect((await disable(AUDIENCE)).status).toBe(404);
    } finally {
      await client.close();
      await other.stop();
    }
  });

  it('with a token of a mebibyte is refused without asking anybody', async () => {
    const before = exchanges.length;
    expect((await step('x'.repeat(1_048_576))).status).toBe(401);
    expect(exchanges.length).toBe(before);
  });

  it('with a key whose checksum is wrong is refused before the database is asked', async () => {
    const { token } = await asCaller(platform, world.admin, issueApiKey, {
      name: 'good',
      privileges: ['*'],
      kind: 'global',
      description: '',
    });
    const last = token.endsWith('a') ? 'b' : 'a';
    logged.length = 0;
    expect((await step(token.slice(0, -1) + last)).status).toBe(401);
    expect(logged.join('')).toContain('the checksum is wrong');
    // A key nobody issued, with a checksum that is right, is looked for.
    expect(logged.join('')).not.toContain('there is no such key');
  });

  it('of a key is refused as soon as the key is revoked', async () => {
    const request = { name: 'short', privileges: ['*' as const], kind: 'global' as const, description: '' };
    const { id, token } = await asCaller(platform, world.admin, issueApiKey, request);
    const store = () => ask('scenario.disable', { scenario: randomUUID() }, token);
    expect((await store()).status).toBe(404);
    const { signed } = await platform.ask(exchangeToken, { token });
    await asCaller(platform, world.admin, revokeApiKey, { id });
    await eventually(async () => expect((await store()).status).toBe(401), { withinMs: 1_000 });
    expect((await step(undefined, { principal: signed })).status).toBe(401);
  });

  it('leaves no token in the log', () => {
    expect(logged.join('')).not.toMatch(/lfl_[0-9A-Za-z]{8}|eyJ[\w-]+\.eyJ/);
  });
});
