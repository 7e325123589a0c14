import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInProcess, type InProcess } from './src/in-process.js';

const LIMITS = { RATE_LIMIT_KEY: '5', RATE_LIMIT_TENANT: '20', AUTH_FAILURES_PER_MINUTE: '3', TRUSTED_PROXIES: '1' };
let platform: InProcess;

beforeAll(async () => {
  platform = await startInProcess({ gateway: LIMITS });
});
afterAll(() => platform.stop());

const admin = (tenant: string) => platform.jwt({ id: 'arnold', roles: ['admin'], tenant });
const list = (token: string, from = '192.0.2.1') =>
  platform.call('GET', '/scenarios', { token, headers: { 'x-forwarded-for': from } });
async function newKey(tenant: string): Promise<string> {
  const json = { name: 'a key', privileges: ['scenario:read'] };
  const issued = await platform.call('POST', '/apikey', { token: await admin(tenant), json });
  return ((await issued.json()) as { token: string }).token;
}

describe('an API key', () => {
  it('is told with every answer what is left, and in the end when to come back', async () => {
    const key = await newKey('acme');
    const remaining: (string | null)[] = [];
    for (let n = 0; n < 5; n++) {
      const { status, headers } = await list(key);
      expect(status).toBe(200);
      expect(headers.get('x-ratelimit-remaining')).toBe(headers.get('ratelimit-remaining'));
      expect(headers.get('ratelimit-limit')).toBe('5');
      const reset = Number(headers.get('x-ratelimit-reset')) - Date.now() / 1_000;
      expect(Math.abs(reset - Number(headers.get('ratelimit-reset')))).toBeLessThan(2);
      remaining.push(headers.get('ratelimit-remaining'));
    }
    expect(remaining).toEqual(['4', '3', '2', '1', '0']);

    const refused = await list(key);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('ratelimit-remaining')).toBe('0');
    // Five an hour: the next one comes back in twelve minutes.
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(700);
    expect(await refused.json()).toMatchObject({ code: 'rate_limited', detail: 'Too many requests of this API key' });
  });

  it('that is used up leaves the others of its tenant alone', async () => {
    const [used, other] = [await newKey('shared'), await newKey('shared')];
    for (let n = 0; n < 6; n++) await list(used);
    expect((await list(other)).status).toBe(200);
  });
});

describe('a tenant', () => {
  it('that is used up leaves other tenants alone', async () => {
    const token = await admin('busy');
    const statuses = await Promise.all(Array.from({ length: 21 }, async () => (await list(token)).status));
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    expect((await list(await admin('calm'))).status).toBe(200);
  });
});

describe('an address with too many refused tokens', () => {
  it('waits before another is tried; known tokens and other addresses do not', async () => {
    const known = await admin('steady');
    const from = '198.51.100.7';
    expect((await list(known, from)).status).toBe(200);
    for (let n = 0; n < 3; n++) expect((await list(`guess${n}`, from)).status).toBe(401);

    const refused = await list('guess3', from);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await list(known, from)).status).toBe(200);
    expect((await list('guess4', '198.51.100.8')).status).toBe(401);
  });
});
