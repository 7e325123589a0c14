import { getSigningKeys, listDemoAccounts } from '@handover/contracts';
import { ask, createPrincipalVerifier } from '@handover/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authInHand, type AuthInHand } from '../test/auth-in-hand.js';

let auth: AuthInHand;

beforeAll(async () => {
  auth = await authInHand({ DEMO_ACCOUNTS: 'true' });
});
afterAll(() => auth.stop());

async function tokenOf(id: string): Promise<string> {
  const { accounts } = await ask(auth.client, listDemoAccounts, {});
  return accounts.find((account) => account.id === id)?.token ?? '';
}

describe('the exchange of a token', () => {
  it('gives a signed principal that others verify by the published keys alone', async () => {
    const { signed, principal, expiresAt } = await auth.exchange(await tokenOf('bob'));

    expect(principal).toEqual({
      tenant: 'default',
      kind: 'user',
      id: 'bob',
      info: { name: 'Bob' },
      roles: ['management'],
      privileges: ['process:start', 'process:step'],
    });
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
    expect(await createPrincipalVerifier(auth.client).verify(signed)).toEqual(principal);
  });

  it('cannot be forged: a changed or missing signature is refused', async () => {
    const verifier = createPrincipalVerifier(auth.client);
    const { signed } = await auth.exchange(await tokenOf('david'));
    const [header = '', payload = '', signature = ''] = signed.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { principal: { privileges: string[] } };
    claims.principal.privileges = ['*'];
    const forged = Buffer.from(JSON.stringify(claims)).toString('base64url');
    for (const attempt of [`${header}.${forged}.${signature}`, `${header}.${payload}.`, undefined, 'nonsense']) {
      await expect(verifier.verify(attempt)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });

  it('refuses what is no token of ours, and nothing at all', async () => {
    for (const token of ['a.b.c', null]) {
      await expect(auth.exchange(token)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });
});

describe('signing keys', () => {
  it('are published without their private half', async () => {
    await auth.exchange(await tokenOf('bob'));
    const { keys } = await ask(auth.client, getSigningKeys, {});
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(key).toEqual(expect.not.objectContaining({ d: expect.anything() }));
  });
});
