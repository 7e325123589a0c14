import { SignJWT, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { authConfig } from '../config.js';
import { identify } from './identify.js';

const SECRET = 'a secret of the tests';
const config = authConfig.parse({
  NODE_ENV: 'test',
  DATABASE_URL: 'postgres://nobody@localhost/none',
  JWT_SECRET: SECRET,
  JWT_ISSUER: 'tests',
  JWT_AUDIENCE: 'handover',
});

interface Overrides {
  readonly claims?: Record<string, unknown>;
  readonly expires?: string;
  readonly secret?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly alg?: string;
}

function token({ claims = { id: 'ann' }, expires = '1m', secret = SECRET, ...given }: Overrides = {}): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: given.alg ?? 'HS256' })
    .setIssuer(given.issuer ?? 'tests')
    .setAudience(given.audience ?? 'handover')
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(secret));
}

describe('a bearer token', () => {
  it('says who speaks: id, roles, info and tenant', async () => {
    const claims = { id: 'ann', roles: ['sales'], info: { name: 'Ann' }, tenant: 'acme' };
    expect(await identify(await token({ claims }), config)).toEqual(claims);
  });

  it('may name the subject, and one role as plain text; the tenant is then the default', async () => {
    const identity = await identify(await token({ claims: { sub: 'bob', roles: 'sales' } }), config);
    expect(identity).toEqual({ id: 'bob', roles: ['sales'], info: {}, tenant: 'default' });
  });

  it.each<[string, Overrides]>([
    ['is signed with another secret', { secret: 'another secret altogether' }],
    ['has expired', { expires: '-1m' }],
    ['comes from another issuer', { issuer: 'elsewhere' }],
    ['is meant for somebody else', { audience: 'elsewhere' }],
    ['names an algorithm that was not configured', { alg: 'HS512' }],
    ['names nobody', { claims: {} }],
    ['has roles that are none', { claims: { id: 'ann', roles: [7] } }],
  ])('that %s is refused, in the same words as any other', async (_, overrides) => {
    const refused = identify(await token(overrides), config);
    await expect(refused).rejects.toMatchObject({ code: 'unauthenticated', message: 'The bearer token is not valid' });
  });

  it('without signature, or signed by a key of another kind, is refused', async () => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${encode({ alg: 'none' })}.${encode({ id: 'ann', iss: 'tests', aud: 'handover', exp: 4_000_000_000 })}.`;
    const { privateKey } = await generateKeyPair('EdDSA');
    const foreign = await new SignJWT({ id: 'ann' })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setExpirationTime('1m')
      .sign(privateKey);
    for (const forged of [unsigned, foreign, 'a.b.c', '']) {
      await expect(identify(forged, config)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });
});

describe('no token', () => {
  it('is refused unless a default account is configured', async () => {
    await expect(identify(null, config)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await identify(null, { ...config, DEFAULT_ACCOUNT: 'admin' })).toMatchObject({
      id: 'admin',
      roles: ['admin'],
    });
  });
});

describe('production', () => {
  const production = { NODE_ENV: 'production', DATABASE_URL: 'postgres://nobody@localhost/none', JWT_SECRET: SECRET };

  it.each([
    ['JWT_SECRET', 'development only!'],
    ['DEMO_ACCOUNTS', 'true'],
    ['DEFAULT_ACCOUNT', 'admin'],
  ])('refuses to start with %s=%s, and names the variable', (name, value) => {
    const parsed = authConfig.safeParse({ ...production, [name]: value });
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual([name]);
  });
});
