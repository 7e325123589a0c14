import { SignJWT, UnsecuredJWT, exportJWK, exportSPKI, generateKeyPair, type JWTPayload } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issuerSchema } from './issuer.js';
import { createJwtReader } from './jwt.js';

const SECRET = 'a secret of the tests';
const hmac = new TextEncoder().encode(SECRET);

interface Overrides {
  readonly claims?: JWTPayload;
  readonly expires?: string;
  readonly secret?: Uint8Array;
  readonly header?: Record<string, unknown>;
  readonly alg?: string;
}

function token({ claims = {}, expires = '1m', secret = hmac, header = {}, alg = 'HS256' }: Overrides = {}) {
  return new SignJWT({ id: 'ann', iss: 'tests', aud: 'handover', ...claims })
    .setProtectedHeader({ alg, ...header })
    .setExpirationTime(expires)
    .sign(secret);
}

const reader = (...issuers: Record<string, unknown>[]) =>
  createJwtReader(
    issuers.map((issuer) => issuerSchema.parse(issuer)),
    'default',
  );
const simple = { issuer: 'tests', audience: 'handover', secret: SECRET };
const said = async (text: string, ...issuers: Record<string, unknown>[]) => {
  const { tenant, account } = await reader(...(issuers.length > 0 ? issuers : [simple])).read(text);
  return { tenant, ...account };
};

describe('a token', () => {
  it('says who speaks: id, roles, info and tenant', async () => {
    const claims = { id: 'ann', roles: ['sales'], info: { name: 'Ann' }, tenant: 'acme' };
    expect(await said(await token({ claims }))).toEqual(claims);
  });

  it('may name the subject, and one role as plain text; the tenant is then the default', async () => {
    const claims = { id: undefined, sub: 'bob', roles: 'sales' };
    expect(await said(await token({ claims }))).toEqual({ id: 'bob', roles: ['sales'], info: {}, tenant: 'default' });
  });

  it('is good for as long as it says itself', async () => {
    const iat = Math.floor(Date.now() / 1_000);
    const read = await reader(simple).read(await token({ claims: { iat } }));
    expect(read.issuedAt).toEqual(new Date(iat * 1_000));
    expect(read.expiresAt.getTime() - Date.now()).toBeLessThanOrEqual(60_000);
  });

  it.each<[string, Overrides]>([
    ['is signed with another secret', { secret: new TextEncoder().encode('another secret altogether') }],
    ['has expired', { expires: '-1m' }],
    ['is not good yet', { claims: { nbf: Date.now() / 1_000 + 600 } }],
    ['comes from another issuer', { claims: { iss: 'elsewhere' } }],
    ['is meant for somebody else', { claims: { aud: 'elsewhere' } }],
    ['names an algorithm that was not configured', { alg: 'HS512' }],
    ['names nobody', { claims: { id: undefined } }],
    ['takes itself for a key', { claims: { id: 'key:0123' } }],
    ['takes itself for an agent', { claims: { id: 'agent:a1' } }],
    ['has roles that are none', { claims: { roles: [7] } }],
    ['says where its key is (jku)', { header: { jku: 'https://evil.example/jwks' } }],
    ['says where its certificate is (x5u)', { header: { x5u: 'https://evil.example/cert' } }],
    ['brings its own key (jwk)', { header: { jwk: { kty: 'oct', k: 'AAAA' } } }],
  ])('that %s is refused', async (_, overrides) => {
    await expect(said(await token(overrides))).rejects.toMatchObject({ name: 'Refusal' });
  });

  it.each(['none', 'None', 'NONE'])('without signature (alg %s) is refused', async (alg) => {
    const unsigned = new UnsecuredJWT({ id: 'ann', iss: 'tests', aud: 'handover' }).setExpirationTime('1m').encode();
    const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
    const forged = `${header}.${unsigned.split('.')[1] ?? ''}.`;
    await expect(said(forged)).rejects.toMatchObject({ name: 'Refusal' });
  });

  it.each(['a.b.c', '', '....', '\u0000', 'x'.repeat(16_384)])('that is none (%#) is refused', async (text) => {
    await expect(said(text)).rejects.toMatchObject({ name: 'Refusal' });
  });
});

describe('a public key', () => {
  it('verifies signatures, and is never taken for a secret', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    const pem = await exportSPKI(publicKey);
    const issuer = { issuer: 'tests', publicKey: pem, algorithms: ['RS256'] };
    const signed = await new SignJWT({ id: 'ann', iss: 'tests' })
      .setProtectedHeader({ alg: 'RS256' })
      .setExpirationTime('1m')
      .sign(privateKey);
    expect(await said(signed, issuer)).toMatchObject({ id: 'ann' });
    const confused = await token({ secret: new TextEncoder().encode(pem) });
    await expect(said(confused, issuer)).rejects.toMatchObject({ name: 'Refusal' });
  });
});

describe('several issuers', () => {
  const other = { issuer: 'other', secret: 'the other’s own secret', tenant: 'theirs' };

  it('each speak with their own key', async () => {
    const theirs = await token({ claims: { iss: 'other' }, secret: new TextEncoder().encode(other.secret) });
    expect(await said(theirs, simple, other)).toMatchObject({ id: 'ann', tenant: 'theirs' });
    await expect(said(await token({ claims: { iss: 'other' } }), simple, other)).rejects.toThrow();
  });

  it('that are bound to a tenant speak for no other', async () => {
    const claims = { iss: 'other', tenant: 'acme' };
    const greedy = await token({ claims, secret: new TextEncoder().encode(other.secret) });
    expect(await said(greedy, other)).toMatchObject({ tenant: 'theirs' });
  });

  it('have their claims transformed', async () => {
    const transform = `{id: sub, roles: realm.roles[?starts_with(@, 'ho-')], info: {name: name}, tenant: org}`;
    const claims = { id: 'x', sub: 'u1', realm: { roles: ['ho-clerk', 'other'] }, name: 'Ann', org: 'acme' };
    expect(await said(await token({ claims }), { ...simple, transform })).toEqual({
      id: 'u1',
      roles: ['ho-clerk'],
      info: { name: 'Ann' },
      tenant: 'acme',
    });
    await expect(said(await token(), { ...simple, transform: 'abs(id)' })).rejects.toMatchObject({ name: 'Refusal' });
  });
});

describe('a key set behind a URL', () => {
  let server: Server;
  let keys: unknown[] = [];
  let fetched = 0;
  let status = 200;

  beforeAll(async () => {
    server = createServer((_, response) => {
      fetched += 1;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const issuer = () => ({
    issuer: 'tests',
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    algorithms: ['ES256'],
  });
  const pair = async (kid: string) => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const sign = () =>
      new SignJWT({ id: 'ann', iss: 'tests' })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setExpirationTime('1m')
        .sign(privateKey);
    return { jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' }, sign };
  };

  it('is fetched once for many tokens, and not again for every unknown key id', async () => {
    const [known, unknown] = [await pair('k1'), await pair('k2')];
    keys = [known.jwk];
    fetched = 0;
    const jwts = reader(issuer());
    const signed = await known.sign();
    await Promise.all(Array.from({ length: 50 }, () => jwts.read(signed)));
    expect(fetched).toBe(1);
    const stranger = await unknown.sign();
    for (let n = 0; n < 20; n++) await expect(jwts.read(stranger)).rejects.toMatchObject({ name: 'Refusal' });
    expect(fetched).toBe(1);
  });

  it('that cannot be had is no reason to call the token bad', async () => {
    const { jwk, sign } = await pair('k1');
    keys = [jwk];
    status = 503;
    const jwts = reader(issuer());
    await expect(jwts.read(await sign())).rejects.toMatchObject({ code: 'unavailable' });
    status = 200;
    expect((await jwts.read(await sign())).account.id).toBe('ann');
  });
});
