import { describe, expect, it } from 'vitest';
import { authConfig, issuersOf } from './config.js';

const DATABASE_URL = 'postgres://nobody@localhost/none';
const JWT_SECRET = 'a secret of the tests';
const wrong = (environment: Record<string, string>) =>
  authConfig
    .safeParse({ NODE_ENV: 'test', DATABASE_URL, ...environment })
    .error?.issues.map(({ path }) => path.join('.'));

describe('production', () => {
  it.each([
    ['JWT_SECRET', 'development only!'],
    ['DEMO_ACCOUNTS', 'true'],
    ['DEFAULT_ACCOUNT', 'admin'],
  ])('refuses to start with %s=%s, and names the variable', (name, value) => {
    expect(wrong({ NODE_ENV: 'production', JWT_SECRET, [name]: value })).toEqual([name]);
  });
});

describe('issuers', () => {
  const issuer = { issuer: 'https://id.example.com', jwksUrl: 'https://id.example.com/jwks', algorithms: ['ES256'] };

  it('are those of the list and the simple form', () => {
    const config = authConfig.parse({ DATABASE_URL, JWT_SECRET, JWT_ISSUERS: JSON.stringify([issuer]) });
    expect(issuersOf(config)).toMatchObject([issuer, { secret: JWT_SECRET, algorithms: ['HS256'] }]);
  });

  it('are needed: one at least', () => {
    expect(wrong({})).toEqual(['JWT_SECRET']);
    expect(wrong({ JWT_ISSUERS: '[]' })).toEqual(['JWT_SECRET']);
    expect(wrong({ JWT_ISSUERS: JSON.stringify([issuer]) })).toBeUndefined();
  });

  it.each([
    ['a secret and a signature algorithm', { issuer: 'a', secret: JWT_SECRET, algorithms: ['RS256'] }],
    ['a key set and a secret’s algorithm', { ...issuer, algorithms: ['HS256'] }],
    ['no algorithm at all', { ...issuer, algorithms: ['none'] }],
    ['two ways to verify', { ...issuer, secret: JWT_SECRET }],
    ['a key set that comes unprotected', { ...issuer, jwksUrl: 'http://id.example.com/jwks' }],
    ['a transform that is no expression', { ...issuer, transform: '{id: ' }],
    ['a member nobody knows', { ...issuer, audiences: 'x' }],
  ])('are refused with %s', (_, entry) => {
    expect(wrong({ JWT_ISSUERS: JSON.stringify([entry]) })?.[0]).toMatch(/^JWT_ISSUERS/);
  });

  it('that are not JSON are refused by name, without their value', () => {
    expect(wrong({ JWT_ISSUERS: '[{"secret": "hunter2' })).toEqual(['JWT_ISSUERS']);
  });
});

describe('the bootstrap key', () => {
  it('must be a well-formed token of the configured prefix', () => {
    const token = 'lfl_d181n2a065vxqA6Sa3T8lXOtWoYFIY2FTGTX';
    expect(wrong({ JWT_SECRET, BOOTSTRAP_API_KEY: token })).toBeUndefined();
    expect(wrong({ JWT_SECRET, BOOTSTRAP_API_KEY: token, API_KEY_PREFIX: 'acme_' })).toEqual(['BOOTSTRAP_API_KEY']);
    expect(wrong({ JWT_SECRET, BOOTSTRAP_API_KEY: `${token}0` })).toEqual(['BOOTSTRAP_API_KEY']);
  });
});
