import {
  REVOCATION_CHANNEL,
  issueApiKey,
  listApiKeys,
  checkApiKey,
  listRevocations,
  revokeApiKey,
  type AnswerOf,
} from '@handover/contracts';
import { openDatabase } from '@handover/database';
import { ask, createLogger } from '@handover/runtime';
import { eventually } from '@handover/testkit';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authInHand, type AuthInHand } from '../../test/auth-in-hand.js';
import type { AuthSchema } from '../database.js';
import { storeFirstKey } from './first-key.js';
import { newToken } from './token.js';

type Issued = AnswerOf<typeof issueApiKey>;

const ROLES = { admin: ['*'], clerk: ['apikey:issue', 'process:step', 'process:read'], auditor: ['apikey:revoke'] };
const logged: string[] = [];
const log = createLogger('auth', 'info', { write: (line) => void logged.push(line) });
let auth: AuthInHand;
let admin: string;

beforeAll(async () => {
  auth = await authInHand({ AUTH_ROLES: JSON.stringify(ROLES), LAST_USED_INTERVAL_MS: '20' }, log);
  admin = await auth.jwt({ id: 'arnold', roles: 'admin' });
});
afterAll(() => auth.stop());

const issue = (body: Record<string, unknown> = {}, by = admin): Promise<Issued> =>
  auth.as(by, issueApiKey, { name: 'a key', ...body } as never);
const listed = async (id: string, by = admin) => (await auth.as(by, listApiKeys, {})).keys.find((key) => key.id === id);
const days = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000;

describe('a new key', () => {
  it('shows its token once, and its last four characters ever after', async () => {
    const key = await issue({ description: 'for the shop', privileges: ['scenario:read'] });
    expect(key).toEqual({
      id: expect.stringMatching(/^[\da-f]{24}$/),
      token: expect.stringMatching(/^lfl_[0-9A-Za-z]{36}$/),
      name: 'a key',
      description: 'for the shop',
      issued: expect.any(String),
      expirationDays: 30,
      expiration: expect.any(String),
      kind: 'global',
      privileges: ['scenario:read'],
    });
    expect(days(key.issued, key.expiration)).toBe(30);
    expect(await listed(key.id)).toEqual({ ...key, token: key.token.slice(-4) });
  });

  it('is stored as a hash: no column holds its token', async () => {
    const { token } = await issue();
    const { db, close } = openDatabase<AuthSchema>({ url: auth.adminUrl, applicationName: 'test' });
    const { rows } = await sql<{ all: string }>`select k::text as all from auth.api_keys k`.execute(db);
    await close();
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row.all).not.toContain(token.slice(4, 34));
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['has no name', { name: ' ' }, '/name'],
    ['has privileges nobody knows', { privileges: ['process:fly'] }, '/privileges/0'],
    ['ended yesterday', { expiration: '2020-01-01T00:00:00Z' }, '/expiration'],
    ['ends at no time', { expiration: 'soon' }, '/expiration'],
    ['lives for no days', { expirationDays: 0 }, '/expirationDays'],
    ['has two ends', { expirationDays: 1, expiration: '2999-01-01T00:00:00Z' }, '/expirationDays'],
    ['is an agent’s without agent', { kind: 'proxy' }, '/instance'],
    ['is restricted to a scenario that has no such id', { processes: [{ scenario: 'x' }] }, '/processes/0/scenario'],
  ])('that %s is refused by that member', async (_, body, pointer) => {
    const refused = issue(body);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request', errors: [{ pointer }] });
  });

  it('needs an issuer who may, and never exceeds them', async () => {
    const nobody = await auth.jwt({ id: 'ned' });
    const clerk = await auth.jwt({ id: 'clara', roles: 'clerk' });
    await expect(issue({}, nobody)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(issue({ privileges: ['*'] }, clerk)).rejects.toMatchObject({ code: 'forbidden' });
    const made = await issue({ privileges: ['apikey:issue', 'process:step'] }, clerk);
    await expect(issue({ privileges: ['process:read'] }, made.token)).rejects.toMatchObject({ code: 'forbidden' });
    expect((await issue({ privileges: ['process:step'] }, made.token)).privileges).toEqual(['process:step']);
  });
});

describe('a key in use', () => {
  it('is exchanged for what it is bound to', async () => {
    const processes = [{ scenario: '10000000-0000-4000-8000-000000000001', actors: ['boss'] }];
    const key = await issue({ privileges: ['process:step'], service: 'bank', processes });
    const { principal, expiresAt } = await auth.exchange(key.token);
    expect(principal).toEqual({
      tenant: 'default',
      kind: 'key',
      id: `key:${key.id}`,
      info: {},
      roles: [],
      privileges: ['process:step'],
      key: { id: key.id, kind: 'global', service: 'bank', processes },
    });
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(60_000);
  });

  it('bound to a user follows its owner’s privileges, and never exceeds them', async () => {
    const statedAt = (seconds: number) => ({ iat: Math.floor(Date.now() / 1_000) + seconds });
    const clerk = await auth.jwt({ id: 'carl', roles: 'clerk', info: { name: 'Carl' }, ...statedAt(-9) });
    const key = await issue({ kind: 'user', privileges: ['process:step', 'process:read'] }, clerk);
    expect((await auth.exchange(key.token)).principal).toMatchObject({
      kind: 'key',
      id: 'carl',
      info: { name: 'Carl' },
      roles: ['clerk'],
      privileges: ['process:step', 'process:read'],
      key: { kind: 'user' },
    });
    await auth.exchange(await auth.jwt({ id: 'carl', roles: ['auditor'], ...statedAt(0) }));
    expect((await auth.exchange(key.token)).principal.privileges).toEqual([]);
    // An old token does not bring them back.
    await auth.exchange(clerk);
    expect((await auth.exchange(key.token)).principal.privileges).toEqual([]);
  });

  it('has its last use on record soon after', async () => {
    const key = await issue();
    const before = Date.now();
    await auth.exchange(key.token);
    const lastUsed = await eventually(async () => {
      const used = (await listed(key.id))?.lastUsed;
      expect(used).toBeDefined();
      return used;
    });
    expect(Date.parse(lastUsed ?? '')).toBeGreaterThanOrEqual(before);
  });

  it.each([
    ['is wrong in one character', (token: string) => `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`],
    ['was never issued', () => newToken('lfl_')],
    ['is a prefix and nothing else', () => 'lfl_'],
  ])('that %s is refused', async (_, change) => {
    const refused = auth.exchange(change((await issue()).token));
    await expect(refused).rejects.toMatchObject({ code: 'unauthenticated', message: 'Invalid API key' });
  });

  it('that has expired is refused, at the very moment', async () => {
    const expiration = new Date(Date.now() + 300).toISOString();
    const { token } = await issue({ expiration });
    await eventually(() => expect(auth.exchange(token)).rejects.toMatchObject({ code: 'unauthenticated' }));
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiration));
  });
});

describe('revoking', () => {
  it('ends a key for good, tells everybody, and may be repeated', async () => {
    let told = 0;
    const listening = await auth.client.listen(REVOCATION_CHANNEL.channel, () => (told += 1));
    const { id, token } = await issue();
    for (let n = 0; n < 2; n++) expect(await auth.as(admin, revokeApiKey, { id })).toEqual({});
    await expect(auth.exchange(token)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect((await ask(auth.client, listRevocations, {})).keys).toContain(id);
    expect(await ask(auth.client, checkApiKey, { tenant: 'default', key: id })).toEqual({ revoked: true });
    expect((await listed(id))?.revoked).toBeDefined();
    await eventually(async () => expect(told).toBe(2));
    await listening.close();
  });

  it('can be asked of any key of its tenant, and one that does not exist is as good as revoked', async () => {
    const { id } = await issue();
    const revoked = async (tenant: string, key: string) =>
      (await ask(auth.client, checkApiKey, { tenant, key })).revoked;
    expect(await revoked('default', id)).toBe(false);
    expect(await revoked('rival', id)).toBe(true);
    expect(await revoked('default', 'f'.repeat(24))).toBe(true);
  });

  it('of a key nobody knows, or of another tenant, says there is none', async () => {
    const { id, token } = await issue();
    const stranger = await auth.jwt({ id: 'sam', roles: 'admin', tenant: 'rival' });
    for (const [who, which] of [
      [admin, 'f'.repeat(24)],
      [admin, "'; drop table api_keys"],
      [stranger, id],
    ] as const) {
      await expect(auth.as(who, revokeApiKey, { id: which })).rejects.toMatchObject({ code: 'api_key_not_found' });
    }
    expect(await listed(id, stranger)).toBeUndefined();
    expect((await auth.exchange(token)).principal.tenant).toBe('default');
  });

  it('needs the privilege', async () => {
    const { id } = await issue();
    const clerk = await auth.jwt({ id: 'clara', roles: 'clerk' });
    await expect(auth.as(clerk, revokeApiKey, { id })).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a tenant that is suspended', () => {
  it('has none of its tokens exchanged', async () => {
    const user = await auth.jwt({ id: 'sue', roles: 'admin', tenant: 'late-payer' });
    const { token } = await issue({ privileges: ['*'] }, user);
    const { db, close } = openDatabase<AuthSchema>({ url: auth.adminUrl, applicationName: 'test' });
    await sql`update auth.tenants set suspended_at = now() where id = 'late-payer'`.execute(db);
    await close();
    for (const refused of [user, token]) {
      await expect(auth.exchange(refused)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });
});

describe('the first key', () => {
  it('is stored once per tenant, and can do everything there', async () => {
    const { db, close } = openDatabase<AuthSchema>({ url: auth.runtimeUrl, applicationName: 'test' });
    const tokens = Array.from({ length: 4 }, () => newToken('lfl_'));
    const stored = await Promise.all(tokens.map((token) => storeFirstKey(db, log, token, 'fresh')));
    await close();
    expect(stored.filter(Boolean)).toHaveLength(1);
    const { principal } = await auth.exchange(tokens[stored.indexOf(true)] ?? '');
    expect(principal).toMatchObject({ tenant: 'fresh', privileges: ['*'] });
  });
});

describe('the rows of keys', () => {
  it('are seen by their tenant, and one by whoever presents its hash', async () => {
    await issue();
    const { db, close } = openDatabase<AuthSchema>({ url: auth.runtimeUrl, applicationName: 'test' });
    expect(await db.selectFrom('api_keys').select('id').execute()).toEqual([]);
    await expect(
      db.transaction().execute(async (tx) => {
        await sql`select set_config('handover.token_hash', ${'00'.repeat(32)}, true)`.execute(tx);
        return tx.selectFrom('api_keys').select('id').execute();
      }),
    ).resolves.toEqual([]);
    await close();
  });
});

describe('the log', () => {
  it('tells of issue, revocation and refusal, and holds no token', async () => {
    const { id, token } = await issue();
    await auth.as(admin, revokeApiKey, { id });
    await auth.exchange(token).catch(() => undefined);
    const audits = logged.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => 'audit' in line);
    const ofKey = audits.filter(({ key }) => key === id).map(({ audit }) => audit);
    expect(ofKey).toEqual(['apikey.issued', 'apikey.revoked', 'token.refused']);
    expect(logged.join('')).not.toMatch(/lfl_[0-9A-Za-z]{8}|eyJ[\w-]+\.eyJ/);
  });
});
